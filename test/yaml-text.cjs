// As esbuild's text loader: a .yaml file is its text.
module.exports = { process: (source) => ({ code: `export default ${JSON.stringify(source)};` }) };
