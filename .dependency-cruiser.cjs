/**
 * The floors of lib, top to bottom: a room imports from the floors below it, and neither from the floors above nor
 * from its neighbours. Type-only imports count too: what a file needs to know is what it depends on.
 */
const floors = [
  ['client', 'decorators'],
  ['dispatch', 'schedule'],
  ['execution', 'graph'],
  ['intake'],
  ['definition', 'journal'],
  ['storage'],
  ['time', 'serialization', 'errors', 'identity'],
];

/** On the bottom floor, everybody may throw. */
const openToNeighbours = ['errors'];

const anyOf = (rooms) => `^lib/(?:${rooms.join('|')})/`;
const theModule = '^lib/durable[^/]*[.]ts$';
const everyRoom = floors.flat().join('|');

const rulesOfRooms = floors.flatMap((floor, level) =>
  floor.map((room) => {
    const above = floors.slice(0, level).flat();
    const neighbours = floor.filter((other) => other !== room && !openToNeighbours.includes(other));
    return {
      name: `floor-of-${room}`,
      comment: `lib/${room} imports only from itself and from the floors below it.`,
      severity: 'error',
      from: { path: anyOf([room]) },
      to: { path: [theModule, ...[...above, ...neighbours].map((other) => anyOf([other]))] },
    };
  }),
);

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    ...rulesOfRooms,
    {
      name: 'no-room-without-a-floor',
      comment:
        'A new room takes a place in the list above. At the root of lib, files are the module and the index.',
      severity: 'error',
      from: {},
      to: { path: `^lib/(?!(?:${everyRoom})/|durable[^/]*[.]ts$|index[.]ts$)` },
    },
    {
      name: 'no-drawers',
      comment: 'A thing lives with what it is about.',
      severity: 'error',
      from: {},
      to: { path: '(?:^|/)(?:utils?|common|helpers?|shared|misc)/', pathNot: 'node_modules' },
    },
    {
      name: 'no-cycles',
      severity: 'error',
      from: { path: '^(?:lib|migrations)/' },
      to: { circular: true },
    },
    {
      name: 'no-imports-through-an-index',
      comment: 'The index is for users. Inside lib, a file imports the file that it means.',
      severity: 'error',
      from: { path: '^(?:lib|migrations)/' },
      to: { path: ['^lib/index[.]ts$', '^lib/.+/index[.]ts$'] },
    },
    {
      name: 'migrations-belong-to-storage',
      severity: 'error',
      from: { path: '^lib/', pathNot: '^lib/storage/' },
      to: { path: '^migrations/' },
    },
    {
      name: 'migrations-stand-alone',
      comment: 'A migration says for ever what it said on its day, whatever becomes of lib.',
      severity: 'error',
      from: { path: '^migrations/' },
      to: { path: '^lib/' },
    },
    {
      name: 'no-dead-files',
      comment: 'What the index does not reach, no user can.',
      severity: 'error',
      from: { path: '^lib/index[.]ts$' },
      to: { path: '^(?:lib|migrations)/', reachable: false },
    },
    {
      name: 'samples-are-users',
      comment: 'A sample is there to be copied: it imports the package by its name.',
      severity: 'error',
      from: { path: '^sample/' },
      to: { path: '^(?:lib|migrations|test|bench)/', pathNot: '^lib/index[.]ts$' },
    },
    {
      name: 'nothing-from-outside',
      comment: 'What ships imports nothing that stays at home.',
      severity: 'error',
      from: { path: '^(?:lib|migrations)/' },
      to: { path: '^(?:sample|test|bench|dist|build)/' },
    },
    {
      name: 'no-undeclared-packages',
      comment: 'What a user has not installed, the package cannot import: it has to be a (peer) dependency.',
      severity: 'error',
      from: { path: '^(?:lib|migrations)/' },
      to: {
        dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'],
        dependencyTypesNot: ['npm', 'npm-peer', 'npm-optional', 'core'],
      },
    },
    {
      name: 'no-broken-imports',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(?:^|/)(?:dist|build)/' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'types', 'default'] },
  },
};
