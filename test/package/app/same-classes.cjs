const required = require('nest-durable');

import('nest-durable').then((imported) => {
  const names = Object.keys(required).filter((name) => name !== '__esModule');
  const strangers = names.filter((name) => required[name] !== imported[name]);
  if (strangers.length > 0) throw new Error(`Not the same when imported: ${strangers.join(', ')}`);
  console.log(names.sort().join(' '));
});
