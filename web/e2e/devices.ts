// Cameras and microphones for Chromium: a moving scene in a venue's own colour, and speech or something like it.
import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'

const SMALL = { width: 320, height: 180 }
const FRAMES = 15
const RATE = 48_000
const SPEECH_S = 6

/** A fake camera: a field of `luma`, `u`, `v` with a bright bar that walks through it, 15 frames a second, endless. */
export async function camera(dir: string, name: string, colour: { y: number; u: number; v: number }, size = SMALL): Promise<string> {
  const { width, height } = size
  const pieces: Buffer[] = [Buffer.from(`YUV4MPEG2 W${width} H${height} F15:1 Ip A1:1 C420jpeg\n`)]
  for (let frame = 0; frame < FRAMES; frame += 1) {
    const luma = Buffer.alloc(width * height, colour.y)
    const bar = Math.floor((frame * width) / FRAMES)
    for (let row = 0; row < height; row += 1) {
      // The picture's texture differs from row to row, so that an encoder has something to do.
      for (let column = bar; column < Math.min(bar + 24, width); column += 1) luma[row * width + column] = 200 + ((row * 7 + frame * 13) % 50)
    }
    const chroma = (width / 2) * (height / 2)
    pieces.push(Buffer.from('FRAME\n'), luma, Buffer.alloc(chroma, colour.u), Buffer.alloc(chroma, colour.v))
  }
  const path = join(dir, `${name}.y4m`)
  await writeFile(path, Buffer.concat(pieces))
  return path
}

/** A fake microphone: real speech when the project's test data lies beside the clone, else syllables of a synthetic voice. */
export async function microphone(dir: string, name: string, pitch_hz: number): Promise<string> {
  const speech = ['../../../shared', '../../../../shared'].map((place) => resolve(import.meta.dirname, place, 'data/media/speech_zh_aishell.wav'))
  const found = speech.find((path) => existsSync(path))
  if (found) return found
  console.log(`SKIPPED real speech: no test data beside the clone; ${name} speaks with a synthetic voice`)
  const samples = new Int16Array(RATE * SPEECH_S)
  let phase = 0
  for (let index = 0; index < samples.length; index += 1) {
    const second = index / RATE
    const syllable = Math.max(0, Math.sin(2 * Math.PI * 3.7 * second)) ** 0.6
    const pause = second % 2 < 1.6 ? 1 : 0
    phase += (2 * Math.PI * pitch_hz * (1 + 0.08 * Math.sin(2 * Math.PI * 0.9 * second))) / RATE
    let voice = 0
    for (let harmonic = 1; harmonic <= 12; harmonic += 1) voice += Math.sin(phase * harmonic) / harmonic
    samples[index] = Math.round(9_000 * syllable * pause * voice * 0.5)
  }
  const path = join(dir, `${name}.wav`)
  await writeFile(path, wav(samples))
  return path
}

function wav(samples: Int16Array): Buffer {
  const header = Buffer.alloc(44)
  header.write('RIFF', 0)
  header.writeUInt32LE(36 + samples.byteLength, 4)
  header.write('WAVEfmt ', 8)
  header.writeUInt32LE(16, 16)
  header.writeUInt16LE(1, 20)
  header.writeUInt16LE(1, 22)
  header.writeUInt32LE(RATE, 24)
  header.writeUInt32LE(RATE * 2, 28)
  header.writeUInt16LE(2, 32)
  header.writeUInt16LE(16, 34)
  header.write('data', 36)
  header.writeUInt32LE(samples.byteLength, 40)
  return Buffer.concat([header, Buffer.from(samples.buffer)])
}
