#!/usr/bin/env node
import { run } from "./run.ts";
import { processTerminal } from "./terminal.ts";

void run(process.argv.slice(2), process.env, processTerminal(process)).then((code) => {
  process.exitCode = code;
});
