'use strict';
/*
 * plugin.js - a tallyd with plugins, and what the plugin `recorder` wrote down
 * (tests/plugins/recorder.c).
 *
 * The environment variable TEST_PLUGINS names the directory of the plugins
 * that were built for tests.
 */
const fs = require('node:fs');
const path = require('node:path');
const client = require('./client.js');

/* The file of a test plugin. */
function library(name) {
    if (!process.env.TEST_PLUGINS)
        throw new Error('TEST_PLUGINS does not name the plugins');
    return path.resolve(process.env.TEST_PLUGINS, name + '.so');
}

/* A directory inside `dir` with these plugins and no others. */
function pluginsDir(dir, names) {
    const plugins = path.join(dir, 'plugins');
    fs.rmSync(plugins, { recursive: true, force: true });
    fs.mkdirSync(plugins);
    for (const name of names)
        fs.symlinkSync(library(name), path.join(plugins, name + '.so'));
    return plugins;
}

function recordFile(dir) {
    return path.join(dir, 'recorded');
}

/* Options of client.start() or launch() for a server with plugins.
 * options: as there, and plugins (names, default recorder), settings
 * (plugins.*: {order: ..., recorder: {hooks: ...}}). */
function withPlugins(options) {
    const names = options.plugins || ['recorder'];
    const settings = { ...options.settings };
    if (names.includes('recorder'))
        settings.recorder = { file: recordFile(options.dir),
            ...settings.recorder };
    return { ...options, config: { ...options.config, plugins: {
        dir: pluginsDir(options.dir, names), ...settings } } };
}

async function start(options) {
    const server = await client.start(withPlugins(options));
    server.dir = options.dir;
    return server;
}

/* What was recorded so far, oldest first: [{hook, values, params, ...}]; of
 * the named hooks when there are any. */
function recorded(server, ...hooks) {
    const file = recordFile(server.dir);
    if (!fs.existsSync(file))
        return [];
    return fs.readFileSync(file, 'utf8').split('\n').filter(Boolean)
        .map((line) => JSON.parse(line))
        .filter((call) => hooks.length === 0 || hooks.includes(call.hook));
}

/* Forgets what was recorded. */
function forget(server) {
    fs.truncateSync(recordFile(server.dir));
}

module.exports = { forget, library, pluginsDir, recordFile, recorded, start,
    withPlugins };
