/** Frames of the link protocol in a few words, as a stanza writes them. */
import { EVERYBODY, type SessionReport, type WireFrame } from '../../core/wire/frames.ts'

/** Whether a frame concerns more than one session is left out: the lanes say who talks to whom. */
export function frameWords(frame: WireFrame): string {
  switch (frame.type) {
    case 'hello':
    case 'join':
      return frame.type.toUpperCase()
    case 'welcome':
      return `WELCOME${reports(frame.sessions)}`
    case 'refused':
      return `REFUSED${frame.pid === EVERYBODY ? '' : ` ${frame.pid}`}: ${frame.reason}`
    case 'data': {
      const runs = frame.runs.map(({ first, count, epoch }) => {
        const range = count === 1 ? `${first}` : `${first}-${first + count - 1}`
        return `${range}${epochWords(epoch)}`
      })
      return `DATA ${runs.join(', ')}`
    }
    case 'ack':
      return `ACK${reports(frame.sessions)}`
    case 'bye':
      return `BYE${reports(frame.sessions)}`
    case 'leave':
    case 'ping':
    case 'pong':
      return frame.type.toUpperCase()
  }
}

function reports(sessions: readonly SessionReport[]): string {
  return sessions
    .map(({ settled, gap, credit, epoch }) => {
      const more = `${gap ? ' gap' : ''}${credit === 0 ? ' no credit' : ''}`
      return ` ${settled}${more}${epochWords(epoch)}`
    })
    .join(',')
}

function epochWords(epoch: number): string {
  return epoch === 1 ? '' : ` of session ${epoch}`
}
