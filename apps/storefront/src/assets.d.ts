/** What the bundler accepts besides code. */
declare module '*.css';
