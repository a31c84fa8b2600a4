// Jest loads modules through its own loader, which does not strip types as Node does; this does it with Node's own function.
// The sources use erasable syntax only (tsconfig says so), so positions stay as they are and no source map is needed.
const { stripTypeScriptTypes } = require('node:module');

module.exports = { process: (source) => ({ code: stripTypeScriptTypes(source) }) };
