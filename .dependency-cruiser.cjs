// Which room may import which: docs/architecture.md draws the house, this file keeps it.
const rooms =
  'domain|schemas|workflows|activities|venues|store|stack|workers|client|gateway|cli|tools|test|bench';

/** `room` may import its own files and those of `others`, nothing else of ours. */
const mayImport = (room, others, comment) => ({
  name: `${room}-imports`,
  comment,
  severity: 'error',
  from: { path: `^${room}/` },
  to: { path: `^(${rooms})/`, pathNot: `^(${[room, ...others].join('|')})/` },
});

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'no-unknown',
      comment: 'Every import resolves.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'no-undeclared-packages',
      severity: 'error',
      from: { pathNot: '^(test|bench|tools)/|[.]config[.]' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'] },
    },
    mayImport('domain', [], 'The trade is pure.'),
    mayImport('schemas', ['domain'], 'The doors know the trade.'),
    mayImport('store', ['domain'], 'Postgres knows the trade.'),
    mayImport('venues', ['domain'], 'A venue translates; it decides nothing.'),
    mayImport('stack', ['domain'], 'Finds and starts Temporal and Postgres.'),
    mayImport('workflows', ['domain', 'activities'], 'Activities by type only, see below.'),
    mayImport('activities', ['domain', 'schemas', 'store', 'venues'], 'Never workflows.'),
    mayImport('client', ['domain', 'schemas', 'store', 'workflows'], 'What a strategy imports.'),
    mayImport(
      'cli',
      ['client', 'store', 'stack', 'schemas', 'domain'],
      'Starts workers as processes.',
    ),
    mayImport('gateway', ['client', 'store', 'stack', 'schemas', 'domain'], 'Doors for programs.'),
    {
      name: 'nothing-imports-workers',
      comment: 'They are started as processes. Tests may look inside.',
      severity: 'error',
      from: { pathNot: '^(workers|test|bench)/' },
      to: { path: '^workers/' },
    },
    {
      name: 'domain-is-pure',
      comment: 'No Node, no package but the hashes in ids.ts.',
      severity: 'error',
      from: { path: '^domain/' },
      to: {
        dependencyTypes: ['core', 'npm', 'npm-optional', 'npm-peer'],
        pathNot: '@noble/hashes',
      },
    },
    {
      name: 'hashes-in-ids-only',
      severity: 'error',
      from: { path: '^domain/', pathNot: '^domain/ids[.]ts$' },
      to: { path: '@noble/hashes' },
    },
    {
      name: 'workflows-packages',
      comment: 'Whatever a workflow imports is bundled and run again for every cached run.',
      severity: 'error',
      from: { path: '^workflows/' },
      to: {
        dependencyTypes: ['core', 'npm', 'npm-optional', 'npm-peer'],
        pathNot: '@temporalio/(workflow|common)/',
      },
    },
    {
      name: 'workflows-take-activity-types-only',
      comment: 'A value import would silently pull activity code into the bundle.',
      severity: 'error',
      from: { path: '^workflows/' },
      to: { path: '^activities/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'clients-take-workflow-names-only',
      comment: 'Names and types; loading the workflow code in a caller would be a mistake.',
      severity: 'error',
      from: { path: '^client/' },
      to: {
        path: '^workflows/',
        pathNot: '^workflows/(messages|arming-messages|custody-messages|search-attributes)[.]ts$',
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'venues-stay-apart',
      comment: 'A venue imports no other venue, but the exchange that the simulators share.',
      severity: 'error',
      from: { path: '^venues/([^/]+)/' },
      to: { path: '^venues/[^/]+/', pathNot: '^venues/($1|simulation)/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|out|coverage|node_modules/.bin)/' },
    tsPreCompilationDeps: 'specify',
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
  },
};
