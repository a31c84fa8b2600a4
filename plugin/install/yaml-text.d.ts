/** The manifests travel inside the program: esbuild and Jest both read a .yaml file as its text. */
declare module '*.yaml' {
  const text: string;
  export default text;
}
