#include "bench/result.h"

#include <inttypes.h>

static bool is_good(const struct request *request, const struct reply *reply)
{
    return request->is_read ? reply->status == 200 : reply->is_success;
}

bool result_add(struct result *result, const struct request *request,
                const struct reply *reply, uint64_t delay_ns,
                unsigned tolerated)
{
    result->answers++;
    result->statuses[reply->status % RESULT_STATUSES]++;
    histogram_add(request->is_read ? &result->reads : &result->writes,
                  delay_ns);
    if (is_good(request, reply)) {
        result->good++;
        result->sessions += request->sessions;
        return true;
    }
    result->retry_after += reply->status == 503 && reply->has_retry_after;
    if (reply->status == tolerated)
        return true;
    result->errors++;
    return false;
}

void result_add_closed(struct result *result)
{
    result->closed++;
    result->errors++;
}

void result_reset(struct result *result)
{
    *result = (struct result){.errors = result->errors};
}

static double percentile_ms(const struct histogram *histogram, double part)
{
    return (double)histogram_percentile(histogram, part) / 1e6;
}

static double rate(const struct result *result)
{
    return result->seconds > 0 ? (double)result->good / result->seconds : 0;
}

static double cpu_us(const struct result *result)
{
    return result->answers > 0
               ? result->cpu_seconds / (double)result->answers * 1e6
               : 0;
}

static void write_figure(FILE *out, const char *name, double value)
{
    fprintf(out, "\"%s\":%.4f,", name, value);
}

static void write_delays(const struct result *result, FILE *out)
{
    write_figure(out, "p50_ms", percentile_ms(&result->writes, 0.5));
    write_figure(out, "p90_ms", percentile_ms(&result->writes, 0.9));
    write_figure(out, "p99_ms", percentile_ms(&result->writes, 0.99));
    write_figure(out, "p999_ms", percentile_ms(&result->writes, 0.999));
    write_figure(out, "max_ms", percentile_ms(&result->writes, 1));
    if (result->reads.total == 0)
        return;
    write_figure(out, "read_p50_ms", percentile_ms(&result->reads, 0.5));
    write_figure(out, "read_p99_ms", percentile_ms(&result->reads, 0.99));
}

static void write_counts(const struct result *result, FILE *out)
{
    const struct {
        const char *name;
        uint64_t value;
    } counts[] = {
        {"answers", result->answers},         {"good", result->good},
        {"errors", result->errors},           {"sessions", result->sessions},
        {"retry_after", result->retry_after},
    };

    for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++)
        fprintf(out, "\"%s\":%" PRIu64 ",", counts[i].name, counts[i].value);
}

static void write_statuses(const struct result *result, FILE *out)
{
    const char *separator = "";

    fputs("\"statuses\":{", out);
    for (unsigned status = 0; status < RESULT_STATUSES; status++) {
        if (!result->statuses[status])
            continue;
        fprintf(out, "%s\"%u\":%" PRIu64, separator, status,
                result->statuses[status]);
        separator = ",";
    }
    if (result->closed)
        fprintf(out, "%s\"closed\":%" PRIu64, separator, result->closed);
    fputs("}", out);
}

void result_write_json(const struct result *result, FILE *out)
{
    fputs("{", out);
    write_figure(out, "rate", rate(result));
    if (result->offered > 0)
        write_figure(out, "offered", result->offered);
    write_delays(result, out);
    write_figure(out, "cpu_us", cpu_us(result));
    write_figure(out, "seconds", result->seconds);
    write_counts(result, out);
    write_statuses(result, out);
    fputs("}\n", out);
}

void result_print(const struct result *result, FILE *out)
{
    fprintf(out,
            "%.0f req/s, p50 %.2f ms, p99 %.2f ms, p99.9 %.2f ms, "
            "server CPU %.2f us/req, %" PRIu64 " answers in %.1f s, "
            "%" PRIu64 " errors\n",
            rate(result), percentile_ms(&result->writes, 0.5),
            percentile_ms(&result->writes, 0.99),
            percentile_ms(&result->writes, 0.999), cpu_us(result),
            result->answers, result->seconds, result->errors);
    if (result->reads.total > 0)
        fprintf(out, "reads: %" PRIu64 ", p50 %.2f ms, p99 %.2f ms\n",
                result->reads.total, percentile_ms(&result->reads, 0.5),
                percentile_ms(&result->reads, 0.99));
}
