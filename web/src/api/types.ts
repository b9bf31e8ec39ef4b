// The server's own types by name, out of the generated contract; `cargo xtask bless` rewrites it.
import type { components } from './schema'

type Schemas = components['schemas']

/** A row, a command or a word as the server's document describes it. */
export type Wire<Name extends keyof Schemas> = Schemas[Name]
