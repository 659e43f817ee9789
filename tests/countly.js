'use strict';
/*
 * countly.js - the files that mongoexport would write of a Countly server.
 */
const crypto = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');

const isNumber = (key) => /^\d+$/.test(key);

function write(dir, collection, documents) {
    fs.writeFileSync(path.join(dir, `${collection}.json`),
        documents.map((document) => JSON.stringify(document) + '\n').join(''));
}

/* The shard that a name belongs to (spec B.4). */
function shard(name) {
    return crypto.createHash('md5').update(name).digest('base64')[0]
        .replace(/[+/]/, '0');
}

function header(app, year, month) {
    return { m: `${year}:${month}`, a: app._id };
}

/* What a time object with fullRange=1 says, as documents: all days, but above
 * them uniques alone. Each value is in the document of its shard. */
function documents(app, object, listed = object.meta) {
    const found = new Map();
    const put = (year, month, name, keys, value) => {
        const id = `${app._id}_${year}:${month}_${shard(name)}`;
        if (!found.has(id))
            found.set(id, { _id: id, ...header(app, year, month), d: {} });
        let at = found.get(id).d;
        for (const key of keys)
            at = at[key] = at[key] || {};
        at[name] = value;
    };
    for (const year of Object.keys(object).filter(isNumber)) {
        for (const [level, parts] of Object.entries(object[year])) {
            if (isNumber(level) || /^w\d+$/.test(level)) {
                for (const [name, value] of Object.entries(parts)) {
                    if (isNumber(level) && isNumber(name)) {
                        for (const [part, count] of Object.entries(value))
                            put(year, level, part, [name], count);
                    } else {
                        put(year, 0, name, [level], value);
                    }
                }
            } else {
                put(year, 0, level, [], parts);
            }
        }
        for (const [set, names] of Object.entries(listed))
            for (const name of names) {
                put(year, 0, 'x', [], 0); /* Countly has such documents, too */
                const id = `${app._id}_${year}:0_${shard('x')}`;
                const meta = found.get(id).meta_v2 =
                    found.get(id).meta_v2 || {};
                (meta[set] = meta[set] || {})[name] = true;
            }
    }
    return [...found.values()];
}

function eventHash(app, key) {
    return crypto.createHash('sha1').update(key + app._id).digest('hex');
}

/* What the time object of an event (or one of its segments) says, as documents
 * of months: days and hours, in shards. */
function eventDocuments(app, object, segment, prefix = '') {
    const found = [];
    for (const year of Object.keys(object).filter(isNumber))
        for (const month of Object.keys(object[year]).filter(isNumber)) {
            const days = Object.entries(object[year][month])
                .filter(([day]) => isNumber(day));
            for (const half of [0, 1])
                found.push({
                    _id: `${prefix}${segment}_${year}:${month}_${half}`,
                    m: `${year}:${month}`, d: Object.fromEntries(
                        days.filter(([day]) => day % 2 === half)) });
        }
    return found;
}

module.exports = { eventDocuments, eventHash, documents, header, isNumber, shard, write };
