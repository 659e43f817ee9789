'use strict';
/* Plugins are found, initialised in order, and told their settings. */
const assert = require('node:assert');
const { afterEach, beforeEach, describe, test } = require('node:test');
const client = require('./client.js');
const plugin = require('./plugin.js');

let dir;

beforeEach(() => {
    dir = client.makeDir();
});

afterEach(async () => {
    await client.killAll();
    client.removeDir(dir);
});

describe('a plugin of the directory', () => {
    test('is loaded and told of', async () => {
        const server = await plugin.start({ dir });
        assert.match(server.stderr(), /msg="plugin loaded" plugin=recorder version=1.0 file=\S+recorder.so/);
        await server.stop();
    });
});
