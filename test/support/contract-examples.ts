import type {
  ArgsOf,
  CoreCallName,
  PrivateCallName,
  ShellCallName,
  StreamArgs,
  StreamName,
} from '../../electron/ipc/contract/index.ts';

type NeededKeys<T> = { [K in keyof T]-?: object extends Pick<T, K> ? never : K }[keyof T];
interface Example<Args> {
  /** With every optional field filled in. */
  readonly full: Required<Args>;
  /** The fields without which the call is refused. */
  readonly needed: readonly (string extends keyof Args ? never : NeededKeys<Args>)[];
}

const none = { full: {}, needed: [] } as const;
const scope = { kind: 'collection', collectionId: 'c' } as const;

/** Arguments that every call accepts, to be spoilt by tests. A call without one does not compile. */
export const callExamples: {
  readonly [N in CoreCallName | PrivateCallName | ShellCallName]: Example<ArgsOf<N>>;
} = {
  'app.info': none,
  'conversations.list': none,
  'conversations.get': { full: { id: 'a' }, needed: ['id'] },
  'conversations.create': { full: { modelId: 'm', scope, use: 'whole' }, needed: [] },
  'conversations.update': {
    full: {
      id: 'a',
      title: 'Title',
      systemPrompt: 'Be short.',
      modelId: 'm',
      scope: { kind: 'all' },
      use: 'passages',
      pinned: true,
      showMessageId: 'x',
    },
    needed: ['id'],
  },
  'conversations.remove': { full: { id: 'a' }, needed: ['id'] },
  'conversations.restore': { full: { id: 'a' }, needed: ['id'] },
  'conversations.seen': { full: { id: 'a' }, needed: ['id'] },
  'conversations.search': { full: { query: 'words' }, needed: ['query'] },
  'chat.send': {
    full: {
      conversationId: 'a',
      parentId: null,
      text: 'Hello',
      schema: '{}',
      mode: 'across',
      scope: { kind: 'some', collectionIds: ['c'], documentIds: ['d'] },
    },
    needed: ['conversationId', 'parentId', 'text'],
  },
  'chat.regenerate': { full: { messageId: 'x', mode: 'passages' }, needed: ['messageId'] },
  'chat.stop': { full: { turnId: 't' }, needed: ['turnId'] },
  'chat.whole': { full: { scope, modelId: 'm', systemPrompt: 'Be short.' }, needed: ['scope'] },
  'chat.rewriteTests': none,
  'chat.testRewriting': none,
  'chat.readNow': { full: { conversationId: 'a' }, needed: ['conversationId'] },
  'states.status': none,
  'states.clear': none,
  'chat.allowTool': {
    full: { turnId: 't', useId: 'u', answer: 'once' },
    needed: ['turnId', 'useId', 'answer'],
  },
  'models.list': none,
  'models.inspect': { full: { paths: ['/m.gguf'] }, needed: ['paths'] },
  'models.import': { full: { paths: ['/m.gguf'], mode: 'copy' }, needed: ['paths', 'mode'] },
  'models.remove': { full: { modelId: 'm' }, needed: ['modelId'] },
  'models.load': {
    full: {
      modelId: 'm',
      contextSize: 2048,
      sessions: 2,
      kvType: 'q4_0',
      threads: 2,
      gpuLayers: 8,
      flashAttention: true,
      remember: true,
    },
    needed: ['modelId'],
  },
  'models.plan': {
    full: {
      modelId: 'm',
      contextSize: 2048,
      sessions: 2,
      kvType: 'q4_0',
      threads: null,
      gpuLayers: null,
      flashAttention: false,
    },
    needed: ['modelId'],
  },
  'backends.list': none,
  'backends.try': none,
  'backends.choose': { full: { choice: 'cpu' }, needed: ['choice'] },
  'models.unload': { full: { modelId: 'm' }, needed: ['modelId'] },
  'models.queue': { full: { modelId: 'm' }, needed: [] },
  'models.cancelRun': { full: { runId: 'r' }, needed: ['runId'] },
  'models.catalog': { full: { context: 8192, sessions: 2, memory: 2 ** 34 }, needed: [] },
  'models.download': {
    full: { catalogId: 'granite', file: 'm.gguf' },
    needed: ['catalogId', 'file'],
  },
  'models.downloads': none,
  'models.pauseDownload': { full: { downloadId: 'd' }, needed: ['downloadId'] },
  'models.resumeDownload': { full: { downloadId: 'd' }, needed: ['downloadId'] },
  'models.cancelDownload': { full: { downloadId: 'd' }, needed: ['downloadId'] },
  'models.downloadFirst': { full: { downloadId: 'd' }, needed: ['downloadId'] },
  'models.downloadLog': { full: { downloadId: 'd', modelId: 'm' }, needed: [] },
  'models.wakeDownloads': none,
  'models.embedding': none,
  'models.loadEmbedding': none,
  'models.measure': { full: { again: true }, needed: [] },
  'models.scan': { full: { paths: ['/models'] }, needed: ['paths'] },
  'models.addFound': { full: { paths: ['/m.gguf'] }, needed: ['paths'] },
  'models.look': { full: { place: 'owner/name' }, needed: ['place'] },
  'models.fitOf': {
    full: { from: { kind: 'address', url: 'https://host/m.gguf' } },
    needed: ['from'],
  },
  'models.downloadFrom': {
    full: { from: { kind: 'hub', repository: 'o/n', revision: 'a'.repeat(40), file: 'm.gguf' } },
    needed: ['from'],
  },
  'models.verify': { full: { modelId: 'm', paths: ['/model.sig'] }, needed: ['modelId', 'paths'] },
  'models.proof': { full: { modelId: 'm' }, needed: ['modelId'] },
  'models.storage': none,
  'models.move': { full: { paths: ['/disk'] }, needed: ['paths'] },
  'models.moveBack': none,
  'models.clean': { full: { names: ['x.part'] }, needed: ['names'] },
  'models.checkAll': { full: { modelIds: ['m'] }, needed: [] },
  'documents.collections': none,
  'documents.list': { full: { collectionId: 'c' }, needed: [] },
  'documents.add': { full: { paths: ['/a.txt', '/b'], collectionId: 'c' }, needed: ['paths'] },
  'documents.remove': { full: { documentId: 'd' }, needed: ['documentId'] },
  'documents.removeCollection': { full: { collectionId: 'c' }, needed: ['collectionId'] },
  'documents.renameCollection': {
    full: { collectionId: 'c', name: 'Leases' },
    needed: ['collectionId', 'name'],
  },
  'documents.search': {
    full: { query: 'lease', scope, limit: 20, filters: [{ kind: 'type', value: 'pdf' }] },
    needed: ['query'],
  },
  'documents.searchReading': {
    full: { query: 'lease', scope, limit: 20, filters: [{ kind: 'in', value: 'contracts' }] },
    needed: ['query'],
  },
  'documents.searchState': none,
  'documents.view': { full: { documentId: 'd' }, needed: ['documentId'] },
  'documents.page': { full: { documentId: 'd', page: 3 }, needed: ['documentId', 'page'] },
  'documents.watchState': { full: { collectionId: 'c' }, needed: [] },
  'documents.pause': { full: { collectionId: 'c' }, needed: [] },
  'documents.resume': { full: { collectionId: 'c' }, needed: [] },
  'documents.rescan': { full: { collectionId: 'c' }, needed: ['collectionId'] },
  'documents.tryAgain': {
    full: { collectionId: 'c', documentId: 'd', only: 'stopped' },
    needed: ['collectionId'],
  },
  'documents.relocate': {
    full: { collectionId: 'c', paths: ['/b/Leases'], anyway: true },
    needed: ['collectionId', 'paths'],
  },
  'documents.ignoreRules': { full: { collectionId: 'c' }, needed: ['collectionId'] },
  'documents.setIgnoreRules': {
    full: { collectionId: 'c', own: '*.log' },
    needed: ['collectionId', 'own'],
  },
  'documents.parts': { full: { documentId: 'd' }, needed: ['documentId'] },
  'documents.find': {
    full: { documentId: 'd', query: 'rent' },
    needed: ['documentId', 'query'],
  },
  'documents.locate': {
    full: { documentId: 'd', start: 3, end: 9, quote: 'a rent' },
    needed: ['documentId', 'start', 'end', 'quote'],
  },
  'documents.citations': { full: { documentId: 'd' }, needed: ['documentId'] },
  'memory.loaded': none,
  'memory.history': { full: { since: 0, modelId: 'm', points: 200 }, needed: ['since'] },
  'memory.matrix': { full: { modelId: 'm' }, needed: ['modelId'] },
  'memory.sessions': none,
  'memory.predict': {
    full: {
      modelId: 'm',
      catalogId: 'granite',
      quantization: 'Q4_K_M',
      contextSize: 4096,
      sessions: 2,
      kvType: 'q8_0',
      checkpoints: 3,
    },
    needed: [],
  },
  'memory.compare': {
    full: {
      one: { catalogId: 'hybrid' },
      other: { modelId: 'm' },
      contextSize: 131_072,
      sessions: 1,
      kvType: 'f16',
    },
    needed: ['one', 'contextSize', 'sessions'],
  },
  'memory.accuracy': { full: { modelId: 'm' }, needed: [] },
  'memory.relief': none,
  'settings.get': none,
  'settings.set': {
    full: {
      values: {
        theme: 'dark',
        locale: 'en-GB',
        textSize: 15,
        welcomed: true,
        defaultModelId: null,
        temperature: 0.7,
        topP: 0.9,
        topK: 40,
        maxAnswerTokens: 512,
        contextSize: null,
        sessions: 2,
        threads: 4,
        proxyMode: 'manual',
        proxyAddress: 'http://proxy.example:8080',
        proxyBypass: 'localhost, .example',
        mirror: null,
        refreshKeys: true,
        keepStates: false,
        checkEvery: 'week',
        tools: {
          search_documents: 'ask',
          read_document: 'off',
          calculator: 'allow',
          date_time: 'off',
        },
      },
    },
    needed: ['values'],
  },
  'network.status': none,
  'network.test': none,
  'network.addAuthority': { full: { paths: ['/ca.pem'] }, needed: ['paths'] },
  'network.removeAuthority': none,
  'network.refreshKeys': none,
  'tasks.list': none,
  'tasks.cancel': { full: { taskId: 't' }, needed: ['taskId'] },
  'private.documentFile': { full: { documentId: 'd' }, needed: ['documentId'] },
  'private.documentPlace': { full: { documentId: 'd' }, needed: ['documentId'] },
  'private.stateKey': {
    full: { key: `${'A'.repeat(43)}=`, canProtect: true },
    needed: ['key', 'canProtect'],
  },
  'private.token': { full: { token: 'hf_example', since: 1 }, needed: ['token', 'since'] },
  'private.proxy': { full: { id: '1', answer: 'DIRECT' }, needed: ['id', 'answer'] },
  'private.shutdown': none,
  'shell.pickDocuments': none,
  'shell.pickFolder': { full: { purpose: 'moved' }, needed: ['purpose'] },
  'shell.pickModel': none,
  'shell.pickLibrary': none,
  'shell.pickSignature': none,
  'shell.pickAuthority': none,
  'shell.tokenStatus': none,
  'shell.setToken': { full: { token: 'hf_example', allowFile: true }, needed: ['token'] },
  'shell.removeToken': none,
  'shell.usualModelFolders': none,
  'shell.saveFile': {
    full: { kind: 'csv', name: 'memory.csv', data: 'a,b' },
    needed: ['kind', 'name', 'data'],
  },
  'shell.showDocument': { full: { documentId: 'd' }, needed: ['documentId'] },
  'shell.openExternal': { full: { url: 'https://example.org/a' }, needed: ['url'] },
  'shell.coreStatus': none,
  'shell.restartCore': none,
};

export const streamExamples: { readonly [N in StreamName]: Example<StreamArgs<N>> } = {
  turn: { full: { turnId: 't', after: 0 }, needed: ['turnId', 'after'] },
  task: { full: { taskId: 't', after: 0 }, needed: ['taskId', 'after'] },
};

/** A value that no field of any call accepts. */
const wrong = { wrong: [{ deep: true }] };

/** Arguments that must all be refused: wrong form, a field missing, a field wrong, a field too many. */
export function spoilt(example: {
  readonly full: object;
  readonly needed: readonly PropertyKey[];
}): readonly unknown[] {
  const entries = Object.entries(example.full);
  const without = (key: PropertyKey): object =>
    Object.fromEntries(entries.filter(([name]) => name !== key));
  return [
    null,
    7,
    'text',
    true,
    [],
    [example.full],
    { ...example.full, unknownField: 1 },
    ...example.needed.map(without),
    ...entries.map(([key]) => ({ ...example.full, [key]: wrong })),
    ...entries.map(([key]) => ({ ...example.full, [key]: [[]] })),
  ];
}
