// The built server with a data directory of its own: started, killed, started again, removed.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { until } from './wait'

export interface Access {
  role: string
  login: string
  password: string
  totp_secret: string | null
  name: string
}

/** The page may be another than the one built into the program: while working on it. */
const ui = process.env.FENGHUOTAI_UI_DIR ? `ui_dir = ${JSON.stringify(process.env.FENGHUOTAI_UI_DIR)}\n` : ''
const binary = process.env.FENGHUOTAI_BIN ?? resolve(import.meta.dirname, '../../target/debug/fenghuotai')

export class Server {
  private child: ChildProcess | null = null
  private log = ''

  private constructor(
    readonly dir: string,
    readonly port: number,
    readonly media_port: number,
  ) {}

  /** A fresh demonstration city on free ports; `settings` are lines of its configuration file. */
  static async start(settings: (dir: string) => Promise<string> | string = () => ''): Promise<Server> {
    const dir = await mkdtemp(join(tmpdir(), 'fenghuotai-e2e-'))
    const server = new Server(dir, await freePort(), await freePort())
    await writeFile(server.config, `${ui}${await settings(dir)}`)
    await server.run()
    return server
  }

  private get config(): string {
    return join(this.dir, 'fenghuotai.toml')
  }

  get origin(): string {
    return `http://127.0.0.1:${this.port}`
  }

  /** Starts the process on the same data and waits until it answers; the time that took in ms. */
  async run(): Promise<number> {
    const started = performance.now()
    const child = spawn(
      binary,
      ['--data-dir', this.dir, 'demo', '--config', this.config, '--listen', `127.0.0.1:${this.port}`, '--media-listen', `127.0.0.1:${this.media_port}`],
      { stdio: ['ignore', 'pipe', 'pipe'] },
    )
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (piece: Buffer) => (this.log = (this.log + piece.toString()).slice(-20_000)))
    this.child = child
    await until(
      'the server answers',
      async () => {
        if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}:\n${this.log}`)
        return (await fetch(`${this.origin}/health`)).ok
      },
      60_000,
    )
    return performance.now() - started
  }

  /** As a power cut would: nothing is said, nothing is flushed. */
  async kill(): Promise<void> {
    await this.end('SIGKILL')
  }

  async stop(): Promise<void> {
    await this.end('SIGTERM')
    await rm(this.dir, { recursive: true, force: true })
  }

  /** Who may sign in, from the file beside the data. */
  async accounts(): Promise<Access[]> {
    const text = await readFile(join(this.dir, 'ACCOUNTS.txt'), 'utf8')
    return text
      .split('\n')
      .filter((line) => line && !line.startsWith('#'))
      .map((line) => {
        const [role = '', login = '', password = '', totp = '-', name = ''] = line.split('\t')
        return { role, login, password, totp_secret: totp === '-' ? null : totp, name }
      })
  }

  /** What `fenghuotai journal verify` says about this data; throws when it finds a bad entry. */
  verifyJournal(): string {
    const verdict = spawnSync(binary, ['--data-dir', this.dir, 'journal', 'verify'], { encoding: 'utf8' })
    if (verdict.status !== 0) throw new Error(`journal verify: ${verdict.stdout}${verdict.stderr}`)
    return verdict.stdout.trim()
  }

  lastWords(): string {
    return this.log
  }

  private async end(signal: NodeJS.Signals): Promise<void> {
    const child = this.child
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const gone = new Promise((resolve) => child.once('exit', resolve))
    child.kill(signal)
    await gone
    this.child = null
  }
}

export async function freePort(): Promise<number> {
  return new Promise((done, fail) => {
    const probe = createServer()
    probe.once('error', fail)
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => (typeof address === 'object' && address ? done(address.port) : fail(new Error('no port'))))
    })
  })
}
