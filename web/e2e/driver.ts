// The city's people at their browsers, in the words of the domain: `leader.signIn()`, `county.conference.join()`.
import { createRequire } from 'node:module'
import { mkdir, readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { type Browser, type BrowserContext, type Page, chromium } from 'playwright-core'
import { camera, microphone } from './devices'
import { type Access, Server } from './server'
import { totp } from './totp'
import { until } from './wait'

const results = resolve(import.meta.dirname, '../test-results')
const axe = createRequire(import.meta.url).resolve('axe-core/axe.min.js')

export const WIDE = { width: 1920, height: 1080 }
export const LAPTOP = { width: 1366, height: 768 }

/** Colours of fake cameras, far enough apart to survive an encoder. */
export const COLOURS = {
  red: { y: 80, u: 90, v: 220 },
  green: { y: 120, u: 60, v: 60 },
  blue: { y: 60, u: 220, v: 110 },
}

export interface Devices {
  colour: keyof typeof COLOURS
  pitch_hz: number
  /** Of the fake camera's picture; small when not said. */
  width?: number
  height?: number
}

/** Runs in the page before its own code: keeps its peer connections in sight, so that their statistics can be read. */
function watchConnections(): void {
  const seen: RTCPeerConnection[] = []
  const Native = window.RTCPeerConnection
  class Watched extends Native {
    constructor(configuration?: RTCConfiguration) {
      super(configuration)
      seen.push(this)
    }
  }
  Object.assign(window, { RTCPeerConnection: Watched, connectionsSeen: seen })
}

/** What one browser receives and over which cipher. */
export interface Reception {
  /** Frames decoded, one number per picture that ever came. */
  frames: number[]
  /** Sum of the energy of all sounds heard; grows while somebody speaks. */
  energy: number
  audio_packets: number
  /** Packets this browser has sent from its microphone. */
  audio_sent: number
  ciphers: string[]
}

/** A demonstration city and everybody who has a browser open. */
export class City {
  private readonly people: Person[] = []

  private constructor(
    readonly server: Server,
    private readonly accounts: Access[],
  ) {}

  static async start(settings?: Parameters<typeof Server.start>[0]): Promise<City> {
    const server = await Server.start(settings)
    return new City(server, await server.accounts())
  }

  access(login: string): Access {
    const found = this.accounts.find((access) => access.login === login)
    if (!found) throw new Error(`nobody is called ${login}`)
    return found
  }

  /** A browser process of its own: its camera and microphone are flags of the process. */
  async arrive(login: string, devices?: Devices, size = WIDE): Promise<Person> {
    const flags = ['--no-sandbox', '--disable-gpu', '--use-gl=angle', '--use-angle=swiftshader', '--enable-unsafe-swiftshader', '--autoplay-policy=no-user-gesture-required', '--disable-features=WebRtcHideLocalIpsWithMdns']
    if (devices) {
      const picture = await camera(this.server.dir, login, COLOURS[devices.colour], devices.width && devices.height ? { width: devices.width, height: devices.height } : undefined)
      const sound = await microphone(this.server.dir, login, devices.pitch_hz)
      flags.push('--use-fake-ui-for-media-stream', '--use-fake-device-for-media-stream', `--use-file-for-fake-video-capture=${picture}`, `--use-file-for-fake-audio-capture=${sound}`)
    }
    const browser = await chromium.launch({ executablePath: process.env.FENGHUOTAI_CHROMIUM ?? '/usr/bin/chromium', headless: true, args: flags })
    const context = await browser.newContext({ viewport: size, locale: 'zh-CN', timezoneId: 'Asia/Shanghai', permissions: devices ? ['camera', 'microphone'] : [] })
    await context.addInitScript(watchConnections)
    const person = new Person(this, this.access(login), browser, context, await context.newPage())
    this.people.push(person)
    return person
  }

  async end(): Promise<void> {
    for (const person of this.people) await person.leave()
    await this.server.stop()
  }
}

export class Person {
  /** What the page itself threw; a test ends with none. */
  readonly crashes: string[] = []

  constructor(
    readonly city: City,
    readonly access: Access,
    private readonly browser: Browser,
    readonly context: BrowserContext,
    readonly page: Page,
  ) {
    page.on('pageerror', (error) => this.crashes.push(error.stack ?? error.message))
  }

  /** Opens the door as anybody would: address, name, password, for administrators the authenticator. */
  async signIn(): Promise<void> {
    const { page, access } = this
    await page.goto(this.city.server.origin)
    await page.locator('input[name=login]').fill(access.login)
    await page.locator('input[name=password]').fill(access.password)
    await page.locator('button[type=submit]').click()
    if (access.totp_secret) {
      const code = page.locator('input[name=totp]')
      await code.fill(totp(access.totp_secret))
      await page.locator('button[type=submit]').click()
    }
    await page.waitForURL((url) => !url.pathname.startsWith('/login'))
    await page.waitForLoadState('networkidle').catch(() => undefined)
  }

  async open(path: string): Promise<void> {
    await this.page.goto(this.city.server.origin + path)
  }

  /** Calls the API as this person, with the page's own cookie. */
  async call<T = unknown>(method: string, path: string, body?: unknown): Promise<T> {
    const answer = await this.page.evaluate(
      async ([method, path, body]) => {
        const response = await fetch(`/api/v1${path}`, {
          method: method as string,
          headers: body === undefined ? {} : { 'content-type': 'application/json' },
          body: body === undefined ? undefined : JSON.stringify(body),
        })
        return { ok: response.ok, status: response.status, text: await response.text() }
      },
      [method, path, body] as const,
    )
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${answer.text}`)
    return (answer.text ? JSON.parse(answer.text) : null) as T
  }

  /** From now on this browser's microphone stays on the line, whatever the page wants: a client that does not obey. */
  async disobey(): Promise<void> {
    await this.page.evaluate(() => {
      const obedient = RTCRtpSender.prototype.replaceTrack
      RTCRtpSender.prototype.replaceTrack = function (track) {
        return track === null && this.track?.kind === 'audio' ? Promise.resolve() : obedient.call(this, track)
      }
      Object.defineProperty(MediaStreamTrack.prototype, 'enabled', { get: () => true, set: () => {} })
    })
  }

  /** From the next page on, this browser offers this video codec before all others. */
  async prefer(codec: string): Promise<void> {
    await this.context.addInitScript((codec) => {
      const native = RTCRtpTransceiver.prototype.setCodecPreferences
      RTCRtpTransceiver.prototype.setCodecPreferences = function (codecs) {
        const wanted = (one: RTCRtpCodec) => one.mimeType.toLowerCase() === `video/${codec.toLowerCase()}`
        const all = [...codecs]
        native.call(this, [...all.filter(wanted), ...all.filter((one) => !wanted(one))])
      }
    }, codec)
  }

  /** Layers of the camera this browser sends, smallest first. */
  async layersSent(): Promise<{ rid: string; width: number; frames: number; codec: string }[]> {
    const all = await this.videoStats('outbound-rtp')
    return all.filter((entry) => entry.rid !== '').sort((a, b) => a.width - b.width)
  }

  /** Pictures this browser decodes now. */
  async picturesSeen(): Promise<{ ssrc: number; width: number; frames: number; codec: string }[]> {
    return (await this.videoStats('inbound-rtp')).filter((entry) => entry.frames > 0)
  }

  private async videoStats(type: string): Promise<{ ssrc: number; rid: string; width: number; frames: number; codec: string }[]> {
    return this.page.evaluate(async (type) => {
      const seen = (window as unknown as { connectionsSeen: RTCPeerConnection[] }).connectionsSeen
      const found: { ssrc: number; rid: string; width: number; frames: number; codec: string }[] = []
      for (const connection of seen.filter((one) => one.connectionState === 'connected')) {
        const stats = await connection.getStats()
        for (const entry of stats.values()) {
          if (entry.type !== type || entry.kind !== 'video') continue
          found.push({
            ssrc: entry.ssrc,
            rid: entry.rid ?? '',
            width: entry.frameWidth ?? 0,
            frames: entry.framesDecoded ?? entry.framesEncoded ?? 0,
            codec: stats.get(entry.codecId)?.mimeType ?? '',
          })
        }
      }
      return found
    }, type)
  }

  /** The browser's own statistics of its media connections. */
  async reception(): Promise<Reception> {
    return this.page.evaluate(async () => {
      const seen = (window as unknown as { connectionsSeen: RTCPeerConnection[] }).connectionsSeen
      const sum: Reception = { frames: [], energy: 0, audio_packets: 0, audio_sent: 0, ciphers: [] }
      for (const connection of seen.filter((one) => one.connectionState === 'connected')) {
        for (const entry of (await connection.getStats()).values()) {
          if (entry.type === 'inbound-rtp' && entry.kind === 'video' && entry.framesDecoded > 0) sum.frames.push(entry.framesDecoded)
          if (entry.type === 'inbound-rtp' && entry.kind === 'audio') {
            sum.energy += entry.totalAudioEnergy ?? 0
            sum.audio_packets += entry.packetsReceived ?? 0
          }
          if (entry.type === 'outbound-rtp' && entry.kind === 'audio') sum.audio_sent += entry.packetsSent ?? 0
          if (entry.type === 'transport' && entry.srtpCipher) sum.ciphers.push(entry.srtpCipher)
        }
      }
      return sum
    })
  }

  async screenshot(name: string): Promise<string> {
    await mkdir(results, { recursive: true })
    const path = join(results, `${name}.png`)
    await this.page.screenshot({ path })
    return path
  }

  /** Findings of axe that keep somebody out, in words; an accessible page has none. */
  async barriers(): Promise<string[]> {
    await this.page.evaluate(await readFile(axe, 'utf8'))
    return this.page.evaluate(async () => {
      interface Finding {
        id: string
        impact: string | null
        help: string
        nodes: { html: string }[]
      }
      const run = (window as unknown as { axe: { run(root: Document): Promise<{ violations: Finding[] }> } }).axe
      const { violations } = await run.run(document)
      return violations
        .filter((finding) => finding.impact === 'serious' || finding.impact === 'critical')
        .map((finding) => `${finding.id}: ${finding.help}: ${finding.nodes.slice(0, 3).map((node) => node.html.slice(0, 160)).join(' | ')}`)
    })
  }

  /** When the page itself first holds this text, in its own clock, which is the machine's. */
  async shows(text: string): Promise<number> {
    return this.page.evaluate(
      (text) =>
        new Promise<number>((shown) => {
          const look = () => {
            if (!document.body.textContent.includes(text)) return false
            observer.disconnect()
            shown(Date.now())
            return true
          }
          const observer = new MutationObserver(look)
          if (!look()) observer.observe(document.body, { subtree: true, childList: true, characterData: true })
        }),
      text,
    )
  }

  /** Waits until the page shows this text. */
  async sees(text: string | RegExp, timeout_ms = 20_000): Promise<void> {
    await this.page.getByText(text).first().waitFor({ state: 'visible', timeout: timeout_ms })
  }

  async until<T>(what: string, probe: () => Promise<T> | T, timeout_ms?: number): Promise<NonNullable<T>> {
    return until(`${this.access.login}: ${what}`, probe, timeout_ms)
  }

  async leave(): Promise<void> {
    await this.browser.close()
  }
}
