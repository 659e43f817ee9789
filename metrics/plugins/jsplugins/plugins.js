'use strict';
/*
 * plugins.js - the plugins of a directory: DIR/NAME/api/api.js, what they
 * register, and the calling of it. It stands for Countly's pluginManager.
 *
 * A handler that throws is told of in the log, and has returned nothing.
 */
const fs = require('node:fs');
const Module = require('node:module');
const path = require('node:path');

/* The ends of the paths of Countly's own modules. */
const SHIM = new RegExp('(?:^|/)(pluginManager|' +
    'api/utils/(?:common|rights|log)|api/parts/data/fetch)(?:\\.js)?$');

function isPromise(value) {
    return value !== null && typeof value === 'object' &&
        typeof value.then === 'function';
}

class Plugins {
    /* onTurn(plugin, hook) is called before a plugin's handlers are. */
    constructor(dir, onTurn) {
        this.dir = path.resolve(dir);
        this.onTurn = onTurn;
        this.handlers = new Map(); /* path -> [{plugin, fn}] */
        this.suspended = new Set();
        this.names = [];
        this.failed = [];
        this.loading = '';
        this.configs = {};
    }

    /* The plugin that a file or a line of a stack belongs to, or ''. */
    ownerOf(text) {
        const at = text.indexOf(this.dir + path.sep);
        return at < 0 ? ''
            : text.slice(at + this.dir.length + 1).split(path.sep)[0];
    }

    shimOf(wanted, parent) {
        const owner = parent && parent.filename
            ? this.ownerOf(parent.filename) : '';
        const match = wanted[0] === '.' && owner && SHIM.exec(wanted);
        if (!match)
            return null;
        const file = path.resolve(path.dirname(parent.filename), wanted);
        return file.startsWith(path.join(this.dir, owner) + path.sep) ? null
            : path.posix.basename(match[1]);
    }

    /* Loads all plugins; `modules` has what they get for Countly's. */
    load(modules) {
        const all = { ...modules, pluginManager: this.face() };
        const original = Module._load;
        Module._load = (wanted, parent, ...rest) => {
            const shim = this.shimOf(wanted, parent);
            return shim ? all[shim] : original(wanted, parent, ...rest);
        };
        for (const name of fs.readdirSync(this.dir).sort()) {
            const file = path.join(this.dir, name, 'api', 'api.js');
            if (fs.existsSync(file))
                this.loadOne(name, file);
        }
    }

    loadOne(name, file) {
        this.loading = name;
        try {
            Module._load(file, null, false);
            this.names.push(name);
        } catch (error) {
            this.failed.push(name);
            this.forget(name);
            console.error(`${name} cannot be loaded:`, error);
        }
        this.loading = '';
    }

    forget(name) {
        for (const [hook, list] of this.handlers)
            this.handlers.set(hook, list.filter((one) => one.plugin !== name));
    }

    register(hook, fn) {
        const plugin = this.loading || this.ownerOf(new Error().stack);
        if (typeof hook !== 'string' || typeof fn !== 'function')
            throw new Error('register() needs a path and a function');
        if (!this.handlers.has(hook))
            this.handlers.set(hook, []);
        this.handlers.get(hook).push({ plugin, fn });
    }

    /* {path: [names of plugins]} */
    listeners() {
        return Object.fromEntries([...this.handlers].map(([hook, list]) =>
            [hook, [...new Set(list.map((one) => one.plugin))]])
            .filter(([, names]) => names.length > 0));
    }

    of(hook) {
        return this.handlers.get(hook) || [];
    }

    /* Calls the handlers of a hook, for a request if there is one: what they
     * returned. */
    call(hook, object, request = null) {
        const results = [];
        for (const { plugin, fn } of this.of(hook)) {
            if (this.suspended.has(plugin))
                continue;
            this.onTurn(plugin, hook);
            if (request)
                request.plugin = plugin;
            const result = this.guard(plugin, hook, () => fn(object),
                () => request && request.fail());
            if (request && result)
                request.keepOpen(plugin, result);
            results.push(result);
        }
        return results;
    }

    /* What fn returns; nothing when it throws. onRejected() is called when a
     * promise of it comes to nothing. */
    guard(plugin, hook, fn, onRejected) {
        const tell = (error) => {
            const text = error && error.stack ? error.stack : String(error);
            console.error(`a handler of ${plugin} for ${hook} failed: ${text}`);
        };
        try {
            const result = fn();
            return isPromise(result)
                ? Promise.resolve(result).catch((error) => {
                    tell(error);
                    onRejected();
                }) : result;
        } catch (error) {
            tell(error);
            return undefined;
        }
    }

    /* Handlers of a plugin's own call: they are those in JavaScript. */
    dispatch(hook, object, done) {
        const results = this.call(hook, object || {});
        if (typeof done === 'function')
            Promise.allSettled(results).then(done);
        return results.some(Boolean);
    }

    /* What plugins get for pluginManager. */
    face() {
        return {
            register: (hook, fn) => this.register(hook, fn),
            dispatch: (hook, object, done) => this.dispatch(hook, object, done),
            getPlugins: () => [...this.names],
            isPluginEnabled: (name) => this.names.includes(name),
            setConfigs: (name, values) => {
                this.configs[name] = { ...values, ...this.configs[name] };
            },
            getConfig: (name) => ({ ...this.configs[name] }),
        };
    }
}

module.exports = { Plugins, isPromise };
