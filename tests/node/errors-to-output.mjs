// Preloaded into servers that tell on standard error when they are ready: tells it on standard
// output, where tests read.
console.error = console.log;
