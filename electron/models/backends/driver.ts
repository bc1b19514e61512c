import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, realpathSync, statSync } from 'node:fs';
import { homedir, release } from 'node:os';
import { delimiter, join } from 'node:path';

/** What the files of a system say about its graphics drivers, without loading one. */
export interface Drivers {
  /** Backends of the binding that may work here, the likely best first, with the processor last. */
  readonly order: readonly string[];
  /** There is something to try: without a driver no process is started for it. */
  has(backend: string): boolean;
  /** Changes when a driver is installed, updated or removed, or a variable that it reads is set. */
  readonly fingerprint: string;
}

export interface System {
  readonly platform: NodeJS.Platform;
  readonly arch: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

const linuxFolders = [
  ...['/usr/lib64', '/usr/lib', '/lib64', '/lib', '/usr/local/lib'],
  ...['/usr/lib/x86_64-linux-gnu', '/usr/lib/aarch64-linux-gnu', '/usr/lib/wsl/lib'],
  ...['/run/opengl-driver/lib', '/usr/local/nvidia/lib64', '/usr/lib/nvidia'],
];

/** Variables that decide which driver or device is taken. */
const variables = [
  ...['VK_ICD_FILENAMES', 'VK_DRIVER_FILES', 'GGML_VK_VISIBLE_DEVICES', 'CUDA_VISIBLE_DEVICES'],
  ...['HIP_VISIBLE_DEVICES', 'ROCR_VISIBLE_DEVICES', 'LD_LIBRARY_PATH', 'CUDA_PATH'],
];

/** Looks at the files once. */
export function findDrivers({ platform, arch, environment }: System): Drivers {
  const marks: string[] = [platform, arch, release()];
  for (const name of variables) marks.push(`${name}=${environment[name] ?? ''}`);
  const found = new Set<string>(['cpu']);
  const mark = (path: string): boolean => {
    const facts = factsOf(path);
    if (facts !== null) marks.push(facts);
    return facts !== null;
  };
  const folders = (environment['LD_LIBRARY_PATH'] ?? '').split(delimiter).filter(Boolean);

  if (platform === 'darwin') {
    // The driver comes with the system, whose release is in the marks. The binding has it for Apple's processors.
    if (arch === 'arm64') found.add('metal');
  } else if (platform === 'win32') {
    const system = join(environment['SystemRoot'] ?? 'C:\\Windows', 'System32');
    if (mark(join(system, 'nvcuda.dll'))) found.add('cuda');
    if (mark(join(system, 'vulkan-1.dll'))) found.add('vulkan');
  } else {
    const library = (name: string): boolean =>
      [...folders, ...linuxFolders].filter((folder) => mark(join(folder, name))).length > 0;
    if (library('libcuda.so.1')) found.add('cuda');
    mark('/proc/driver/nvidia/version');
    // A loader without any driver finds nothing.
    const manifests = vulkanManifests(environment);
    manifests.forEach(mark);
    if (library('libvulkan.so.1') && manifests.length > 0) found.add('vulkan');
    // AMD's and others' kernel drivers, for own modules.
    mark('/dev/kfd');
    mark('/sys/module/amdgpu/version');
  }
  const order = platform === 'darwin' ? ['metal', 'cpu'] : ['cuda', 'vulkan', 'cpu'];
  return {
    order,
    has: (backend) => found.has(backend) || backend.startsWith('own:'),
    fingerprint: createHash('sha256').update(marks.join('\n')).digest('hex'),
  };
}

/** Where Vulkan's loader on Linux looks for drivers. */
function vulkanManifests(environment: System['environment']): string[] {
  const given = environment['VK_DRIVER_FILES'] ?? environment['VK_ICD_FILENAMES'];
  if (given) return given.split(delimiter).filter((path) => existsSync(path));
  const own = environment['XDG_DATA_HOME'] ?? join(homedir(), '.local/share');
  return [
    '/etc',
    '/usr/share',
    '/usr/local/share',
    '/usr/local/etc',
    '/run/opengl-driver/share',
    own,
  ]
    .map((base) => join(base, 'vulkan/icd.d'))
    .flatMap((folder) => {
      try {
        return readdirSync(folder)
          .filter((name) => name.endsWith('.json'))
          .sort()
          .map((name) => join(folder, name));
      } catch {
        return [];
      }
    });
}

/** A library's real place, length and time: it changes with an update. Of what the kernel tells, the text. */
function factsOf(path: string): string | null {
  try {
    const real = realpathSync(path);
    const { size, mtimeMs } = statSync(real);
    if (real.startsWith('/proc/') || real.startsWith('/sys/')) return readFileSync(real, 'utf8');
    // What the kernel makes at each start is as old as that start.
    if (real.startsWith('/dev/')) return real;
    return `${real} ${size} ${mtimeMs}`;
  } catch {
    return null;
  }
}
