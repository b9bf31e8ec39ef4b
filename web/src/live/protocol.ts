// The frames of GET /api/v1/socket as docs/PROTOCOL.md has them; text frames are JSON.

/** Position of a reader in the journal. `epoch` changes when the database is created or restored. */
export interface Cursor {
  epoch: string
  seq: number
}

export interface Entry<P = unknown> {
  epoch: string
  seq: number
  /** ms UTC */
  at: number
  actor: string
  jurisdiction: string
  topics: string[]
  kind: string
  entity: string
  entity_version: number
  payload: P
}

export interface MapView {
  layers: string[]
  bbox: [number, number, number, number]
  zoom: number
}

export type ClientFrame =
  | { op: 'hello'; client: string }
  | { op: 'subscribe'; sub: number; topics: string[]; from: Cursor | null }
  | { op: 'unsubscribe'; sub: number }
  | { op: 'command'; id: string; method: string; path: string; body: unknown }
  | ({ op: 'view'; sub: number } & MapView)
  | { op: 'ping'; at: number }

export type ServerFrame =
  | { op: 'welcome'; session: string; epoch: string; head_seq: number; server_time: number; beat_ms: number; limits?: unknown }
  | { op: 'entry'; sub: number; entry: Entry }
  | { op: 'live'; sub: number; seq: number }
  | { op: 'reset'; sub: number; reason: string; seq: number }
  | { op: 'result'; id: string; status: number; body: unknown }
  | { op: 'features'; sub: number; fresh?: boolean; upsert: unknown[]; remove: string[] }
  | { op: 'beat'; server_time: number; head_seq: number }
  | { op: 'pong'; at: number }
  | { op: 'refused'; sub?: number; problem: { code?: string; detail_en?: string } }
  | { op: 'bye'; code: string; retry_ms: number }
