// The import table of ARCHITECTURE.md as rules. `may` is what a folder may reach inside electron/;
// everything else there is closed to it. test/architecture tries one forbidden import of each row.

/** Of every feature: the contract and its errors, the ports, the database port. */
const common = ['ipc', 'core/ports.ts', 'storage/sql.ts'];
const feature = [...common, 'engine/port.ts', 'engine/embedder-port.ts', 'storage/repositories'];

/** @type {Readonly<Record<string, { may: readonly string[], native?: boolean }>>} */
const table = {
  'ipc/contract': { may: ['ipc/contract'] },
  ipc: { may: ['ipc'] },
  main: { may: ['main', 'ipc'] },
  preload: { may: ['preload', 'ipc'] },
  chat: { may: ['chat', 'documents/retrieve', ...feature] },
  // A question must be cut into the same terms as the index was.
  documents: { may: ['documents', 'storage/terms', ...feature] },
  // What fits is memory's formulas about a model; what a loaded model costs is told by models.
  // A folder of states is kept by ENGINE while it is open, and by models otherwise.
  models: { may: ['models', 'memory/estimate.ts', 'engine/states/folder.ts', ...feature] },
  memory: { may: ['memory', 'models/index.ts', ...feature] },
  settings: { may: ['settings', ...feature] },
  updates: { may: ['updates', ...feature] },
  storage: { may: ['storage', 'ipc', 'core/ports.ts'] },
  engine: { may: ['engine', 'ipc', 'core/ports.ts'], native: true },
};

/** @param {string} folder */
const at = (folder) => `./electron/${folder}`;

const rows = Object.entries(table).flatMap(([folder, { may, native }]) => [
  {
    target: at(folder),
    from: './electron',
    except: may.map((allowed) => `./${allowed}`),
    message: `electron/${folder} may import only: ${may.join(', ')}. See ARCHITECTURE.md.`,
  },
  ...(native === true
    ? []
    : [
        {
          target: at(folder),
          from: './native',
          message: 'Only engine/process and its parts use native/.',
        },
      ]),
]);

/** What CORE and its engine client must not pull in: the engine's inside and the window. */
const engineSide = [
  ...['port.ts', 'client.ts', 'embedder-port.ts', 'embedder-client.ts'],
  ...['launch.ts', 'machine-probe.ts', 'free-memory.ts'],
];

export const zones = [
  ...rows,
  {
    target: at('core'),
    from: ['./electron/main', './electron/preload', './native', './renderer'],
    message: 'core knows neither the window nor llama.cpp.',
  },
  {
    target: at('core'),
    from: './electron/engine',
    except: engineSide.map((name) => `./${name}`),
    message: 'core reaches the engine through its port and client only.',
  },
  {
    target: [...engineSide, 'fake.ts'].map((name) => at(`engine/${name}`)),
    from: './native',
    message: 'This side of the engine runs in CORE, which holds no native code.',
  },
  {
    target: './native',
    from: './electron',
    except: ['./engine/port.ts', './ipc'],
    message: 'native/ may import only engine/port and ipc.',
  },
  {
    target: './renderer',
    from: './electron',
    except: ['./ipc/contract'],
    message: 'The renderer sees the contract and window.api, nothing else.',
  },
  {
    // Recipes are build code themselves.
    target: ['./electron', './native/llama', './native/backends.ts', './renderer'],
    from: ['./test', './build'],
    message: 'Product code does not use test or build code.',
  },
  { target: './electron', from: './renderer', message: 'Nothing behind the window imports it.' },
  { target: './native', from: './renderer', message: 'Nothing behind the window imports it.' },
  { target: './renderer', from: './native', message: 'The renderer holds no native code.' },
  {
    target: './renderer/src/ui',
    from: ['./renderer/src/components', './renderer/src/views', './renderer/src/state'],
    message: 'ui < components < views.',
  },
  {
    target: './renderer/src/components',
    from: './renderer/src/views',
    message: 'ui < components < views.',
  },
];
