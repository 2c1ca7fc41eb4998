/** Frames of the link protocol in a few words, as a stanza writes them. */
import { ALL_SESSIONS, type SessionReport, type WireFrame } from '../../../protocol/wire/frames.ts'

/** Whether a frame concerns more than one session is left out: the lanes say who talks to whom. */
export function describeFrame(frame: WireFrame): string {
  switch (frame.type) {
    case 'hello':
    case 'join':
      return frame.type.toUpperCase()
    case 'welcome':
      return `WELCOME${describeReports(frame.sessions)}`
    case 'refused':
      return `REFUSED${frame.pid === ALL_SESSIONS ? '' : ` ${frame.pid}`}: ${frame.reason}`
    case 'data': {
      const runs = frame.batches.map(({ first, count, epoch }) => {
        const range = count === 1 ? `${first}` : `${first}-${first + count - 1}`
        return `${range}${describeEpoch(epoch)}`
      })
      return `DATA ${runs.join(', ')}`
    }
    case 'ack':
      return `ACK${describeReports(frame.sessions)}`
    case 'bye':
      return `BYE${describeReports(frame.sessions)}`
    case 'leave':
    case 'ping':
    case 'pong':
      return frame.type.toUpperCase()
  }
}

function describeReports(sessions: readonly SessionReport[]): string {
  return sessions
    .map(({ settled, gap, credit, epoch }) => {
      const flags = `${gap ? ' gap' : ''}${credit === 0 ? ' no credit' : ''}`
      return ` ${settled}${flags}${describeEpoch(epoch)}`
    })
    .join(',')
}

function describeEpoch(epoch: number): string {
  return epoch === 1 ? '' : ` of session ${epoch}`
}
