'use strict';
/*
 * query.js - which documents a query of MongoDB's kind finds, and what an
 * update makes of one.
 *
 * Documents are JSON values: dates and identifiers are texts in them, so they
 * are in queries and updates, too. What is not known here is an error, never
 * ignored.
 */

/* A value as it is after it has been stored. */
function plain(value) {
    if (value === undefined)
        return null;
    return value instanceof RegExp ? value : JSON.parse(JSON.stringify(value));
}

function isObject(value) {
    return value !== null && typeof value === 'object' &&
        !Array.isArray(value) && !(value instanceof RegExp);
}

function hasOperators(value) {
    return isObject(value) && Object.keys(value).some((key) => key[0] === '$');
}

function equal(a, b) {
    if (a === b)
        return true;
    if (a === null || b === null || typeof a !== 'object' ||
        typeof b !== 'object' || Array.isArray(a) !== Array.isArray(b))
        return false;
    const keys = Object.keys(a);
    return keys.length === Object.keys(b).length &&
        keys.every((key) => Object.hasOwn(b, key) && equal(a[key], b[key]));
}

/* --- places in documents --- */

const FORBIDDEN = new Set(['__proto__', 'constructor', 'prototype']);

function partsOf(path) {
    const parts = String(path).split('.');
    if (parts.some((part) => FORBIDDEN.has(part)))
        throw new Error(`a field cannot have the name ${path}`);
    return parts;
}

/* The values at a path: arrays on the way spread out. */
function valuesAt(value, parts) {
    if (parts.length === 0)
        return [value];
    if (value === null || typeof value !== 'object')
        return [];
    const [part, ...rest] = parts;
    const own = Object.hasOwn(value, part) ? valuesAt(value[part], rest) : [];
    if (!Array.isArray(value) || own.length > 0)
        return own;
    return value.flatMap((one) => isObject(one) ? valuesAt(one, parts) : []);
}

/* Calls fn(holder, name) for a path; makes the objects on the way unless
 * isThere, then nothing happens without them. */
function atPath(document, path, isThere, fn) {
    const parts = partsOf(path);
    const last = parts.pop();
    let holder = document;
    for (const part of parts) {
        if (!Object.hasOwn(holder, part)) {
            if (isThere)
                return;
            holder[part] = {};
        }
        holder = holder[part];
        if (holder === null || typeof holder !== 'object') {
            if (isThere)
                return;
            throw new Error(`${path} lies in a value that is no object`);
        }
    }
    fn(holder, last);
}

/* --- queries --- */

function regexOf(pattern, options) {
    return pattern instanceof RegExp && options === undefined
        ? new RegExp(pattern.source, pattern.flags.replace(/[gy]/g, ''))
        : new RegExp(pattern instanceof RegExp ? pattern.source : pattern,
            options);
}

/* Arrays match by any of their items, too. */
function any(values, test) {
    return values.some((value) =>
        test(value) || (Array.isArray(value) && value.some(test)));
}

function same(values, wanted) {
    if (wanted instanceof RegExp) {
        const regex = regexOf(wanted);
        return any(values, (value) =>
            typeof value === 'string' && regex.test(value));
    }
    return any(values, (value) => equal(value, wanted)) ||
        (wanted === null && values.length === 0);
}

function ordered(compare) {
    return (values, limit) => any(values, (value) =>
        typeof value === typeof limit && limit !== null && value !== null &&
        compare(value, limit));
}

const conditions = {
    $eq: same,
    $ne: (values, wanted) => !same(values, wanted),
    $gt: ordered((value, limit) => value > limit),
    $gte: ordered((value, limit) => value >= limit),
    $lt: ordered((value, limit) => value < limit),
    $lte: ordered((value, limit) => value <= limit),
    $in: (values, list) => list.some((wanted) => same(values, wanted)),
    $nin: (values, list) => !list.some((wanted) => same(values, wanted)),
    $all: (values, list) => list.every((wanted) => same(values, wanted)),
    $exists: (values, wish) => (values.length > 0) === Boolean(wish),
    $size: (values, size) => values.some((value) =>
        Array.isArray(value) && value.length === size),
    $regex: (values, pattern, condition) => same(values,
        regexOf(pattern, condition.$options)),
    $options: () => true,
    $not: (values, condition) => !meets(values, condition),
};

function meets(values, condition) {
    if (!hasOperators(condition))
        return same(values, condition);
    return Object.keys(condition).every((name) => {
        if (!Object.hasOwn(conditions, name))
            throw new Error(`queries cannot have ${name}`);
        return conditions[name](values, condition[name], condition);
    });
}

const joins = {
    $and: (document, list) => list.every((query) => finds(document, query)),
    $or: (document, list) => list.some((query) => finds(document, query)),
    $nor: (document, list) => !list.some((query) => finds(document, query)),
};

function finds(document, query) {
    return Object.keys(query).every((key) => {
        if (Object.hasOwn(joins, key))
            return joins[key](document, query[key]);
        if (key[0] === '$')
            throw new Error(`queries cannot have ${key}`);
        return meets(valuesAt(document, partsOf(key)), query[key]);
    });
}

/* A query with its values as they are stored. */
function prepare(value) {
    if (Array.isArray(value))
        return value.map(prepare);
    if (!isObject(value) || value instanceof String ||
        typeof value.toJSON === 'function')
        return plain(value);
    return Object.fromEntries(Object.entries(value)
        .map(([key, one]) => [key, prepare(one)]));
}

/* The ids that alone can be found, or null when they are not named. */
function idsOf(query) {
    const id = query._id;
    if (typeof id === 'string' || typeof id === 'number')
        return [String(id)];
    const list = isObject(id) ? (Array.isArray(id.$in) ? id.$in :
        Object.hasOwn(id, '$eq') ? [id.$eq] : null) : null;
    return list && list.every((one) =>
        typeof one === 'string' || typeof one === 'number')
        ? list.map(String) : null;
}

/* What all ids that can be found begin with; often nothing. */
function prefixOf(query) {
    const id = query._id;
    const regex = id instanceof RegExp ? id
        : isObject(id) && id.$regex !== undefined
            ? regexOf(id.$regex, id.$options) : null;
    if (!regex || regex.flags.replace('u', '') !== '' ||
        /[|]/.test(regex.source))
        return '';
    /* A character that may be repeated no times is none of them. */
    const start = /^\^([A-Za-z0-9_:-]*)(?![*?{])/.exec(regex.source);
    return start ? start[1] : '';
}

/* --- updates --- */

function number(value, name) {
    if (typeof value !== 'number')
        throw new Error(`${name} needs numbers`);
    return value;
}

function listAt(holder, name, operator) {
    if (!Object.hasOwn(holder, name))
        holder[name] = [];
    if (!Array.isArray(holder[name]))
        throw new Error(`${operator} needs a list at ${name}`);
    return holder[name];
}

function itemsOf(value) {
    return isObject(value) && Array.isArray(value.$each) ? value.$each
        : [value];
}

function put(holder, name, value) {
    holder[name] = value;
}

function extreme(isBetter) {
    return (holder, name, value) => {
        if (!Object.hasOwn(holder, name) || isBetter(value, holder[name]))
            holder[name] = value;
    };
}

const changes = {
    $set: put,
    $setOnInsert: put,
    $unset: (holder, name) => delete holder[name],
    $inc: (holder, name, by) => {
        const before = Object.hasOwn(holder, name) ? holder[name] : 0;
        holder[name] = number(before, '$inc') + number(by, '$inc');
    },
    $max: extreme((a, b) => a > b),
    $min: extreme((a, b) => a < b),
    $push: (holder, name, value) =>
        listAt(holder, name, '$push').push(...itemsOf(value)),
    $addToSet: (holder, name, value) => {
        const list = listAt(holder, name, '$addToSet');
        list.push(...itemsOf(value).filter((item, i, all) =>
            !list.some((one) => equal(one, item)) &&
            all.findIndex((one) => equal(one, item)) === i));
    },
    $pull: (holder, name, condition) => {
        holder[name] = listAt(holder, name, '$pull').filter((item) =>
            !(isObject(item) && isObject(condition) && !hasOperators(condition)
                ? finds(item, condition) : meets([item], condition)));
    },
};

const NEEDS_PLACE = new Set(['$unset', '$pull']);

/* The document that an update makes of one; its _id stays. An update without
 * operators takes the document's place. */
function updated(document, update, isNew) {
    if (!hasOperators(update))
        return { ...update, _id: document._id };
    const made = structuredClone(document);
    for (const [operator, fields] of Object.entries(update)) {
        if (!Object.hasOwn(changes, operator))
            throw new Error(`updates cannot have ${operator}`);
        if (operator === '$setOnInsert' && !isNew)
            continue;
        for (const [path, value] of Object.entries(fields))
            atPath(made, path, NEEDS_PLACE.has(operator),
                (holder, name) => changes[operator](holder, name, value));
    }
    if (!equal(made._id, document._id))
        throw new Error('an _id cannot change');
    return made;
}

/* What an upsert starts from: the values that its query demands. */
function seedOf(query) {
    const seed = {};
    for (const [key, value] of Object.entries(query)) {
        const wanted = hasOperators(value) ? value.$eq : value;
        if (key[0] !== '$' && wanted !== undefined &&
            !(wanted instanceof RegExp))
            atPath(seed, key, false, (holder, name) => put(holder, name,
                wanted));
    }
    return seed;
}

/* --- order and choice of fields --- */

const RANKS = ['undefined', 'null', 'number', 'string', 'object', 'boolean'];

function rank(value) {
    return RANKS.indexOf(value === null ? 'null' : typeof value);
}

function compare(a, b) {
    return rank(a) - rank(b) || (a < b ? -1 : a > b ? 1 : 0);
}

/* Orders by {field: 1 or -1, ...}. */
function sorted(documents, order) {
    const keys = Object.entries(order);
    return documents.sort((a, b) => {
        for (const [key, direction] of keys) {
            const parts = partsOf(key);
            const result = compare(valuesAt(a, parts)[0],
                valuesAt(b, parts)[0]);
            if (result !== 0)
                return result * direction;
        }
        return 0;
    });
}

/* A document with the fields of a projection {field: 1} or without {x: 0}. */
function projected(document, fields) {
    const names = Object.keys(fields || {});
    if (names.length === 0)
        return document;
    const isChoice = names.some((name) => name !== '_id' && fields[name]);
    const made = isChoice ? {} : structuredClone(document);
    if (isChoice && (fields._id === undefined || fields._id))
        made._id = document._id;
    for (const name of names) {
        if (isChoice && fields[name]) {
            const values = valuesAt(document, partsOf(name));
            if (values.length > 0)
                atPath(made, name, false, (holder, last) =>
                    put(holder, last, values[0]));
        } else if (!isChoice && !fields[name]) {
            atPath(made, name, true, (holder, last) => delete holder[last]);
        }
    }
    return made;
}

module.exports = { finds, idsOf, plain, prefixOf, prepare, projected, seedOf,
    sorted, updated };
