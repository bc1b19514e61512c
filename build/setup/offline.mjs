import { findProgram } from './system.mjs';
import { runQuiet } from './spawn.mjs';

// A network namespace with loopback and one link that leads nowhere. Whatever tries to leave goes
// out of that link and is counted there (test/e2e/zz-quiet.spec.ts reads the count). IPv6 is off on
// it, so that the kernel's own announcements do not count as somebody's attempt.
const namespace = `
set -e
ip link set lo up
ip link add outside0 type veth peer name outside1
for link in outside0 outside1; do echo 1 >/proc/sys/net/ipv6/conf/$link/disable_ipv6 || true; done
ip link set outside0 arp off
ip addr add 192.0.2.1/24 dev outside0
ip link set outside0 up
ip link set outside1 up
ip route add default via 192.0.2.2 dev outside0
exec "$@"
`;

/**
 * The command line that runs a program with the network cut off, or undefined where this machine
 * does not let us (not Linux, not root, or no namespaces).
 * @returns {string[] | undefined} put in front of the program and its arguments
 */
export function offlinePrefix() {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return undefined;
  const unshare = findProgram('unshare');
  if (unshare === undefined || findProgram('ip') === undefined) return undefined;
  const prefix = [unshare, '--net', 'sh', '-c', namespace, 'sh'];
  const [command, ...args] = prefix;
  return runQuiet(/** @type {string} */ (command), [...args, 'true']).ok ? prefix : undefined;
}
