'use strict';
/*
 * model.js - what the counters must be, worked out a second time.
 *
 * A small independent reading of the rules of sessions and metrics, for apps
 * in UTC whose requests come in the order of their time. Tests give it the
 * requests a server has accepted and compare the time objects.
 */

const DURATIONS = [10, 30, 60, 180, 600, 1800, 3600];
const LOYALTY = [1, 2, 5, 9, 19, 49, 99, 499];
const FREQUENCY_HOURS = [24, 48, 72, 96, 120, 144, 168, 192, 360];
const COOLDOWN = 15;

/* Metric -> the collection it is read from. */
const METRICS = {
    _carrier: 'carriers',
    _device: 'devices',
    _manufacturer: 'devices',
    _app_version: 'device_details',
    _os: 'device_details',
    _os_version: 'device_details',
    _device_type: 'device_details',
    _resolution: 'device_details',
};
const OS_CODES = { Android: 'a', iOS: 'i', Windows: 'mw', Linux: 'l' };

/* Index of the first bound that is at least the value. */
function bucketOf(bounds, value) {
    const index = bounds.findIndex((bound) => value <= bound);
    return index === -1 ? bounds.length : index;
}

function frequencyBucket(seconds) {
    const index = FREQUENCY_HOURS.findIndex((hours) => seconds < hours * 3600);
    return 1 + (index === -1 ? FREQUENCY_HOURS.length : index);
}

/* The buckets of a time, as paths into a time object. */
function bucketsOf(seconds) {
    const date = new Date(seconds * 1000);
    const year = date.getUTCFullYear();
    const dayOfYear = 1 + Math.floor(
        (seconds - Date.UTC(year, 0, 1) / 1000) / 86400);
    const month = `${year}/${date.getUTCMonth() + 1}`;
    const day = `${month}/${date.getUTCDate()}`;
    return { hour: `${day}/${date.getUTCHours()}`, day,
        week: `${year}/w${Math.ceil(dayOfYear / 7)}`, month, year: `${year}` };
}

const LONG_LEVELS = ['day', 'week', 'month', 'year'];

function metricValues(metrics) {
    const values = {};
    for (const name of Object.keys(METRICS)) {
        if (metrics[name])
            values[name] = String(metrics[name]).replaceAll('.', ':');
    }
    if (values._os && values._os_version)
        values._os_version = OS_CODES[metrics._os] + values._os_version;
    return values;
}

class Model {
    constructor() {
        this.counters = {}; /* collection -> path -> number */
        this.users = new Map();
    }

    add(collection, bucket, name, count = 1) {
        const paths = this.counters[collection] ||= new Map();
        const path = `${bucket}/${name}`;
        const sum = (paths.get(path) || 0) + count;
        if (sum)
            paths.set(path, sum);
        else
            paths.delete(path);
    }

    addAt(collection, seconds, levels, name, count = 1) {
        const buckets = bucketsOf(seconds);
        for (const level of levels)
            this.add(collection, buckets[level], name, count);
    }

    /* Counters that can be summed: whole-app ones have hours. */
    addSum(seconds, name, count = 1) {
        this.addAt('users', seconds, ['hour', 'day', 'month', 'year'], name,
            count);
    }

    /* One accepted request: the parameters of /i, metrics as an object. */
    request(params) {
        const seconds = Math.floor(params.timestamp / 1000);
        if (params.old_device_id)
            this.merge(params.old_device_id, params.device_id);
        const user = this.users.get(params.device_id) ||
            { values: {}, days: new Set(), sc: 0, sd: 0 };
        this.users.set(params.device_id, user);

        const duration = Number(params.session_duration) || 0;
        if (duration) {
            this.addSum(seconds, 'e');
            this.addSum(seconds, 'd', duration);
            user.sd += duration;
        }
        if (params.begin_session)
            this.begin(user, seconds, params, duration);
        else if (params.end_session)
            this.end(user, seconds);
        if (!params.begin_session && !duration)
            this.addSum(seconds, 'e');
    }

    merge(from, to) {
        const old = this.users.get(from);
        const known = this.users.get(to);
        if (!old)
            return;
        this.users.delete(from);
        if (!known) {
            this.users.set(to, old);
            return;
        }
        const [last, first] = old.ls > known.ls ? [old, known] : [known, old];
        last.sc += first.sc;
        first.days.forEach((day) => last.days.add(day));
        this.users.set(to, last);
    }

    closeAt(seconds, duration, count) {
        const bucket = bucketOf(DURATIONS, duration);
        this.addAt('users', seconds, LONG_LEVELS, `ds/${bucket}`, count);
    }

    end(user, seconds) {
        user.lest = seconds;
        if (!user.open)
            return;
        this.closeAt(seconds, user.sd, 1);
        user.open = false;
        user.closedAt = seconds;
    }

    begin(user, seconds, params, duration) {
        const extends_ = user.ls !== undefined && user.lest !== undefined &&
            seconds - user.lest < COOLDOWN;
        if (extends_) {
            if (!user.open && user.closedAt !== undefined)
                this.closeAt(user.closedAt, user.sd, -1);
            user.closedAt = undefined;
            user.open = true;
            return;
        }
        if (user.open)
            this.closeAt(seconds, user.sd, 1);
        user.sd = user.open ? 0 : duration;
        user.open = true;
        user.closedAt = undefined;
        this.newSession(user, seconds, params);
    }

    newSession(user, seconds, params) {
        const isNew = user.ls === undefined;
        const now = bucketsOf(seconds);
        const before = isNew ? {} : bucketsOf(user.ls);
        const unique = Object.keys(now)
            .filter((level) => now[level] !== before[level]);
        const long = unique.filter((level) => level !== 'hour');

        this.addSum(seconds, 'e');
        this.addSum(seconds, 't');
        if (isNew)
            this.addSum(seconds, 'n');
        this.addAt('users', seconds, unique, 'u');
        this.addAt('users', seconds, LONG_LEVELS, 'f/' +
            (isNew ? 0 : frequencyBucket(seconds - user.ls)));
        user.sc++;
        this.addAt('users', seconds, long, `l/${bucketOf(LOYALTY, user.sc)}`);
        const values = metricValues(params.metrics || {});
        this.value(user, 'users', 'cc', params.country_code || 'Unknown',
            seconds, isNew, long);
        for (const [name, value] of Object.entries(values))
            this.value(user, METRICS[name], name, value, seconds, isNew, long);
        user.ls = seconds;
        user.days.add(now.day);
    }

    value(user, collection, name, value, seconds, isNew, long) {
        const sums = ['day', 'month', 'year'];
        const changed = user.values[name] !== value;

        this.addAt(collection, seconds, sums, `${value}/t`);
        if (isNew)
            this.addAt(collection, seconds, sums, `${value}/n`);
        this.addAt(collection, seconds, changed ? LONG_LEVELS : long,
            `${value}/u`);
        user.values[name] = value;
    }

    /* The time object of a collection, without meta. */
    timeObject(collection) {
        const root = {};
        for (const [path, count] of this.counters[collection] || []) {
            const names = path.split('/');
            const last = names.pop();
            const place = names.reduce((at, name) => at[name] ||= {}, root);
            place[last] = count;
        }
        return root;
    }

    totalUsers() {
        return [...this.users.values()].filter((user) => user.days.size).length;
    }
}

module.exports = { Model };
