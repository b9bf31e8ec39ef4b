// A terminal's desk, kept: where it sits, who calls, what it does about it without being touched.
import { computed, onScopeDispose, ref, shallowRef } from 'vue'
import { asProblem, type Problem } from '@/api/problem'
import { serverClock, useTopics } from '@/live'
import { act, conferences, venueCalls } from './api'
import { type Conference, terminalDoes, type VenueCalls } from './model'

/** The topic says when a call comes; this is for a line that says nothing. */
const LOOK_ANYWAY_MS = 3_000

export function useTerminal(venue: string) {
  const desk = shallowRef<VenueCalls | null>(null)
  const meetings = shallowRef<Conference[]>([])
  const current = ref<string | null>(null)
  const problem = shallowRef<Problem | null>(null)
  const moving = ref(false)
  const doing = computed(() => (desk.value ? terminalDoes(desk.value, serverClock.value) : null))
  /** Calls already acknowledged, by the time they began. */
  const rung = new Map<string, number>()
  let looking = false

  async function look(): Promise<void> {
    if (looking) return
    looking = true
    try {
      const now = await venueCalls(venue)
      desk.value = now
      if (!moving.value && now.seated) current.value = now.seated
      if (!current.value) meetings.value = (await conferences()).items
      problem.value = null
      await follow()
    } catch (error) {
      problem.value = asProblem(error)
    } finally {
      looking = false
    }
  }

  async function follow(): Promise<void> {
    const todo = doing.value
    if (!todo || moving.value) return
    // Only a terminal that has the call before it says that it rings.
    const news = (desk.value?.calls ?? []).filter((call) => todo.acknowledge.includes(call.conference_id) && rung.get(call.conference_id) !== call.since_at)
    for (const call of news) rung.set(call.conference_id, call.since_at)
    await Promise.all(news.map((call) => act(call.conference_id, 'ring', venue)))
    if (todo.take) await take(todo.take)
  }

  /** Takes a call. The server moves the venue out of its meeting in the same step; a refusal leaves it where it is. */
  async function take(conference: string): Promise<void> {
    if (moving.value || current.value === conference) return
    moving.value = true
    try {
      await act(conference, 'answer', venue)
      current.value = conference
      problem.value = null
    } catch (error) {
      problem.value = asProblem(error)
    } finally {
      moving.value = false
    }
  }

  async function decline(conference: string): Promise<void> {
    await act(conference, 'decline', venue).catch((error: unknown) => (problem.value = asProblem(error)))
    await look()
  }

  /** The present seat was hung up, left, ended, or taken elsewhere. */
  function out(): void {
    current.value = null
    void look()
  }

  const again = () => void look()
  useTopics([`venue/${venue}`], { entry: again, reset: again, live: again })
  const timers = [setInterval(again, LOOK_ANYWAY_MS), setInterval(() => void follow().catch(() => undefined), 500)]
  onScopeDispose(() => timers.forEach(clearInterval), true)
  void look()

  return { desk, meetings, current, problem, moving, doing, take, decline, out }
}
