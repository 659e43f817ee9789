'use strict';
/*
 * shims.js - what plugins get for Countly's own modules: common, rights, fetch
 * and log. That for pluginManager is plugins.js.
 */
const { ObjectID } = require('./collection.js');
const { Request } = require('./request.js');

/* The numbers of tally_plugin.h. */
const RIGHT = { user: 0, read: 1, create: 2, update: 3, delete: 4,
    appAdmin: 5, globalAdmin: 6 };

const VALIDATORS = {
    validateUser: RIGHT.user,
    validateUserForRead: RIGHT.read,
    validateUserForWrite: RIGHT.update,
    validateUserForGlobalAdmin: RIGHT.globalAdmin,
    validateGlobalAdmin: RIGHT.globalAdmin,
    validateAppAdmin: RIGHT.appAdmin,
    validateRead: RIGHT.read,
    validateCreate: RIGHT.create,
    validateUpdate: RIGHT.update,
    validateDelete: RIGHT.delete,
    validateUserForDataReadAPI: RIGHT.read,
    validateUserForDataWriteAPI: RIGHT.update,
    validateUserForMgmtReadAPI: RIGHT.user,
    validateUserForMgmtWriteAPI: RIGHT.update,
};

/* (params, [feature,] callback, [first argument of the callback]) */
function validator(right, guard) {
    return (params, ...rest) => {
        const feature = typeof rest[0] === 'string' &&
            typeof rest[1] === 'function' ? rest.shift() : null;
        const [callback, first] = rest;
        const request = Request.of(params);
        if (typeof callback !== 'function')
            throw new Error('a validation needs a callback');
        const { plugin } = request;
        request.validate(right, feature, (known) => guard(request, plugin, () =>
            first === undefined ? callback(known) : callback(first, known)));
        return true;
    };
}

function rights(guard) {
    return Object.fromEntries(Object.entries(VALIDATORS)
        .map(([name, right]) => [name, validator(right, guard)]));
}

/* --- answers --- */

const ENTITIES = { '&': '&amp;', '"': '&quot;', '\'': '&#39;', '<': '&lt;',
    '>': '&gt;' };

function escapeText(text) {
    return text.replace(/&(?!(amp|quot|#39|lt|gt|#46|#36);)|["'<>]/g,
        (one) => ENTITIES[one]);
}

function escape(value) {
    if (typeof value === 'string')
        return escapeText(value);
    if (value === null || typeof value !== 'object')
        return value;
    if (Array.isArray(value))
        return value.map(escape);
    if (typeof value.toJSON === 'function')
        return escape(value.toJSON());
    return Object.fromEntries(Object.entries(value)
        .map(([key, one]) => [escapeText(key), escape(one)]));
}

function headersOf(headers) {
    return Object.fromEntries(Object.entries(headers || {})
        .map(([name, value]) => [name, String(value)]));
}

function reply(params, status, kind, body, headers) {
    Request.of(params).ask({ do: 'reply', status: Number(status), kind, body,
        headers: headersOf(headers) });
}

function returnMessage(params, status, message, headers) {
    if (message instanceof Error)
        reply(params, status, 'message', message.message, headers);
    else if (message !== null && typeof message === 'object')
        reply(params, status, 'json',
            JSON.stringify({ result: escape(message) }), headers);
    else
        reply(params, status, 'message', String(message), headers);
}

function returnOutput(params, output, noEscape, headers) {
    const text = JSON.stringify(noEscape ? output : escape(output));
    reply(params, 200, 'json', text === undefined ? 'null' : text, headers);
}

function returnRaw(params, status, body, headers) {
    const { 'Content-Type': type = 'application/json', ...others } =
        headers || {};
    Request.of(params).ask({ do: 'reply', status: Number(status), kind: 'raw',
        type: String(type), headers: headersOf(others),
        body: typeof body === 'string' || Buffer.isBuffer(body)
            ? String(body) : JSON.stringify(body) });
}

/* --- the rest --- */

function log(name) {
    const line = (write) => (...parts) => write(`${name}:`, ...parts);
    return { d: line(console.debug), v: line(console.debug),
        i: line(console.info), w: line(console.warn), e: line(console.error),
        callback: (next) => (error, ...rest) => {
            if (error)
                console.error(`${name}:`, error);
            else if (next)
                next(...rest);
        } };
}

/* guard(request, plugin, fn) calls fn, and answers for what it throws. */
function shims(database, guard) {
    return {
        rights: rights(guard),
        common: { db: database, ObjectID, config: {}, log, returnMessage,
            returnOutput, returnRaw },
        fetch: { fetchTimeObj: (collection, params) =>
            Request.of(params).ask({ do: 'fetch', db: String(collection) }) },
        log,
    };
}

module.exports = { shims };
