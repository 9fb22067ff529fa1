/** The house: src over sagas over slices. Imports only go down, and never in a circle. */
export default {
  forbidden: [
    {
      name: 'slices-import-only-slices',
      severity: 'error',
      from: { path: '^slices/' },
      to: { path: '^(sagas|src|test|examples|bench)/' },
    },
    {
      name: 'sagas-import-only-downwards',
      severity: 'error',
      from: { path: '^sagas/' },
      to: { path: '^(src|test|examples|bench)/' },
    },
    {
      name: 'src-imports-no-tests',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^(test|examples|bench)/' },
    },
    {
      name: 'rules-know-no-facts',
      comment: 'Pure rules stand below the facts and the slices that use them.',
      severity: 'error',
      from: { path: '^slices/rules/' },
      to: { path: '^slices/[^/]+$' },
    },
    { name: 'no-circles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'core-is-browser-safe',
      severity: 'error',
      from: {
        path: '^(slices|sagas|src)/',
        pathNot: '^src/(devtools|fixtures|inspector/server|jsonl|sqlite|cli)/|/page/vite\\.[a-zA-Z]+\\.ts$',
      },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'core-knows-no-node-part',
      comment: 'What needs Node is a subpath of its own.',
      severity: 'error',
      from: { path: '^(slices|sagas|src)/', pathNot: '^src/(devtools|fixtures|inspector/server|jsonl|sqlite|cli)/' },
      to: { path: '^src/(devtools|fixtures|inspector/server|jsonl|sqlite|cli)/' },
    },
    {
      name: 'pages-are-imported-by-nobody',
      comment: 'They are bundles of their own.',
      severity: 'error',
      from: { path: '^(slices|sagas|src)/', pathNot: '^src/[^/]+/page/' },
      to: { path: '^src/[^/]+/page/' },
    },
    {
      name: 'floor-1-has-no-dependencies',
      comment: 'Facts, reducers and rules are plain functions.',
      severity: 'error',
      from: { path: '^slices/' },
      to: { dependencyTypes: ['npm'] },
    },
    {
      name: 'nothing-undeclared',
      comment: 'Pages are bundled at build time: what is in them is no dependency of a user.',
      severity: 'error',
      from: { path: '^(slices|sagas|src)/', pathNot: '^src/[^/]+/page/' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'], dependencyTypesNot: ['npm-peer'] },
    },
    { name: 'resolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'types', 'default'] },
  },
}
