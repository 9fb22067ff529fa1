import { Icon, type IconName } from './Icon.js'

interface Look {
  readonly tone: 'good' | 'bad' | 'warn' | 'live' | 'quiet'
  readonly icon: IconName
  readonly label: string
}

const UNKNOWN: Look = { tone: 'quiet', icon: 'idle', label: 'unknown' }

const LOOKS: Readonly<Record<string, Look>> = {
  idle: { tone: 'quiet', icon: 'idle', label: 'idle' },
  initializing: { tone: 'live', icon: 'idle', label: 'initializing' },
  waiting_for_input: { tone: 'warn', icon: 'person', label: 'waits for input' },
  running: { tone: 'live', icon: 'running', label: 'running' },
  parked: { tone: 'quiet', icon: 'parked', label: 'parked' },
  completed: { tone: 'good', icon: 'done', label: 'completed' },
  failed: { tone: 'bad', icon: 'failed', label: 'failed' },
  cancelled: { tone: 'quiet', icon: 'blocked', label: 'cancelled' },
}

/** @param props.status - Of a session. */
export function StatusBadge({ status, iconOnly = false }: { readonly status: string; readonly iconOnly?: boolean }) {
  const { tone, icon, label } = LOOKS[status] ?? UNKNOWN
  return (
    <span className={`status ${tone}`} title={iconOnly ? label : undefined}>
      {iconOnly ? <Icon name={icon} label={label} /> : <Icon name={icon} />}
      {iconOnly ? null : label}
    </span>
  )
}
