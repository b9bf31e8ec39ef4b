// What the server says when it says no: an RFC 9457 problem with a stable code and text in two languages.
import { locale } from '@/i18n/locale'

export interface ProblemBody {
  type?: string
  title?: string
  status?: number
  code?: string
  /** zh-CN */
  detail?: string
  detail_en?: string
  trace_id?: string
  /** Facts of the refusal: the current row of a conflict, seconds until a lock ends, the bad line … */
  [fact: string]: unknown
}

export class Problem extends Error {
  readonly status: number
  readonly code: string
  readonly body: ProblemBody

  constructor(status: number, body: ProblemBody) {
    super(`${body.code ?? 'unknown'}: ${body.detail_en ?? body.title ?? status}`)
    this.name = 'Problem'
    this.status = status
    this.code = body.code ?? `http.${status}`
    this.body = body
  }

  /** Sentence for the reader, in the present language. */
  get text(): string {
    const { detail, detail_en, title } = this.body
    const own = locale.value === 'zh' ? (detail ?? detail_en) : (detail_en ?? detail)
    return own ?? title ?? this.code
  }

  get traceId(): string | null {
    return this.body.trace_id ?? null
  }

  /** A fact the refusal carries, when it has the type that is asked for. */
  fact<T = unknown>(name: string): T | undefined {
    return this.body[name] as T | undefined
  }
}

const UNREACHABLE: ProblemBody = {
  code: 'client.unreachable',
  detail: '连接不上服务器，请检查网络；恢复后会自动重试。',
  detail_en: 'The server cannot be reached. Check the network; it is tried again by itself.',
}

/** No answer came at all. Status 0, because nobody said anything. */
export const unreachable = () => new Problem(0, UNREACHABLE)

const BROKEN: ProblemBody = {
  code: 'client.unexpected',
  detail: '页面遇到意外情况，请重试；如仍出现，请联系系统管理员。',
  detail_en: 'Something unexpected happened on this page. Try again; if it stays, call the system administrator.',
}

/** Anything thrown, as a problem that can be shown. */
export function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error
  console.error(error)
  return new Problem(0, BROKEN)
}
