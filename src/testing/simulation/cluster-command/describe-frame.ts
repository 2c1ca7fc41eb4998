/** Describes frames of the link protocol, as marble tests show them. */
import type { SessionReport, WireFrame } from '../../../protocol/wire/frames.ts'

/** Describes a frame without its pids, which the lanes show. */
export function describeFrame(frame: WireFrame): string {
  switch (frame.type) {
    case 'hello':
    case 'join':
      return frame.type.toUpperCase()
    case 'welcome':
      return `WELCOME${describeReports(frame.sessions)}`
    case 'refused':
      return `REFUSED${frame.pids.map((pid) => ` ${pid}`).join('')}: ${frame.reason}`
    case 'data': {
      const batches = frame.batches.map(({ first, count, epoch }) => {
        const range = count === 1 ? `${first}` : `${first}-${first + count - 1}`
        return `${range}${describeEpoch(epoch)}`
      })
      return `DATA ${batches.join(', ')}`
    }
    case 'ack':
      return `ACK${describeReports(frame.sessions)}`
    case 'bye':
      return `BYE${describeReports(frame.sessions)}`
    case 'challenge':
    case 'proof':
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
