"""test_runner.py - the parts of the benchmark's runner that only compute."""

import json
import os
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "bench"))
sys.dont_write_bytecode = True

# pylint: disable=wrong-import-position
from runner import disk, load, sample, server, table  # noqa: E402
from runner import tallyd, written  # noqa: E402
from runner.failure import Failure  # noqa: E402
from runner.peer import postgresql, redis, story  # noqa: E402
from runner.report import Report  # noqa: E402
from runner.scenario import micro  # noqa: E402
from runner.target import Target  # noqa: E402

AT_MOST = Target("a", "a", "ms", "<=", 10, 5)
AT_LEAST = Target("b", "b", "%", ">=", 50, 70)


class SampleTest(unittest.TestCase):
    """What repetitions say."""

    def test_median_is_the_middle_value_whatever_the_order(self):
        self.assertEqual(sample.median([9, 1, 5]), 5)

    def test_median_of_an_even_count_is_between_the_middle_two(self):
        self.assertEqual(sample.median([4, 1, 2, 9]), 3)

    def test_spread_of_one_value_is_empty(self):
        self.assertEqual(sample.spread([3]), "")
        self.assertEqual(sample.spread([3, 1.25, 2]), "1.25 - 3")

    def test_percentile_is_a_value_of_the_sample(self):
        values = list(range(200, 0, -1))
        self.assertEqual([sample.percentile(values, part)
                          for part in (0, 0.5, 0.99, 1)], [1, 100, 198, 200])
        self.assertEqual(sample.percentile([7], 0.99), 7)

    def test_numbers_keep_three_digits(self):
        self.assertEqual([sample.text(value) for value in
                          (0, 0.1234, 12.345, 123.45, 123456.7, "text")],
                         ["0", "0.123", "12.3", "123", "123457", "text"])


class TargetTest(unittest.TestCase):
    """Verdicts."""

    def test_verdicts_follow_the_median(self):
        for target, values, verdict in (
                (AT_MOST, [10], "holds"),
                (AT_MOST, [10.1], "missed"),
                (AT_MOST, [5], "moonshot"),
                (AT_MOST, [1, 9, 100], "holds"),
                (AT_LEAST, [50], "holds"),
                (AT_LEAST, [49.9], "missed"),
                (AT_LEAST, [70], "moonshot"),
                (AT_LEAST, [10, 90, 80], "moonshot"),
                (AT_LEAST, [], "not measured"),
                (Target("c", "c", "B", "<="), [1], "-"),
                (Target("c", "c", "B", "<="), [], "not measured"),
                (Target("d", "d", "", "<=", 0), [0], "holds"),
                (Target("d", "d", "", "<=", 0), [1], "missed")):
            with self.subTest(target=target, values=values):
                self.assertEqual(target.verdict(values), verdict)

    def test_bounds_are_written_with_their_sense_and_unit(self):
        self.assertEqual(AT_MOST.bound_text(2.5), "<= 2.5 ms")
        self.assertEqual(AT_MOST.bound_text(None), "")


class ReportTest(unittest.TestCase):
    """Rows and tables."""

    def test_every_row_that_is_expected_is_shown_with_its_reason(self):
        report = Report()
        report.expect([AT_MOST, AT_LEAST])
        report.add("a", 4)
        report.leave_out("b", "no disk")
        lines = report.text().splitlines()
        self.assertEqual(len(lines), 4)
        self.assertRegex(lines[2], r"^a .*<= 10 ms .*<= 5 ms .*4 ms .*moon")
        self.assertRegex(lines[3], r"^b .*not measured \(no disk\)$")

    def test_a_bound_can_be_set_later(self):
        report = Report()
        report.expect([AT_MOST])
        report.add("a", 8)
        report.bind("a", 7)
        self.assertEqual(report.rows()[0]["verdict"], "missed")

    def test_notes_are_below_the_rows(self):
        report = Report()
        report.expect([AT_MOST])
        report.note("a sync: 1 ms")
        self.assertEqual(report.text().splitlines()[-2:], ["", "a sync: 1 ms"])

    def test_json_has_all_values(self):
        report = Report()
        report.expect([AT_MOST])
        report.add("a", 4)
        report.add("a", 6)
        report.keep("latency", p99_ms=4)
        with tempfile.NamedTemporaryFile() as file:
            report.write(file.name, name="x")
            written = json.load(file)
        self.assertEqual(written["name"], "x")
        self.assertEqual(written["rows"][0]["values"], [4, 6])
        self.assertEqual(written["rows"][0]["median"], 5)
        self.assertEqual(written["raw"], [{"what": "latency", "p99_ms": 4}])

    def test_columns_line_up(self):
        self.assertEqual(table.render(("a", "bb"), [("xyz", 1), ("x", 100)]),
                         "a     bb\n---  ---\nxyz    1\nx    100")


class ParsingTest(unittest.TestCase):
    """What others print."""

    def test_written_bytes_are_the_seventh_field_in_sectors(self):
        self.assertEqual(
            disk.parse_stat("  1 2 3 4 5 6 700 8 9 10 11 12 13 14 15 16 17\n"),
            700 * 512)

    def test_what_others_write_is_subtracted_while_it_is_little(self):
        self.assertEqual(written.own_bytes(1000, 100), 900)
        self.assertIsNone(written.own_bytes(1000, 300))

    def test_memory_is_read_from_its_line(self):
        text = "VmRSS:\t   20 kB\nRssAnon:\t    7 kB\nRssFile:\t 13 kB\n"
        self.assertEqual(server.parse_status(text, "RssAnon"), 7 * 1024)
        with self.assertRaises(Failure):
            server.parse_status(text, "RssShmem")

    def test_instructions_are_what_callgrind_collected(self):
        self.assertEqual(
            micro.parse_collected("==7== Events    : Ir\n"
                                  "==7== Collected : 1234\n"), 1234)
        with self.assertRaises(Failure):
            micro.parse_collected("==7== Command: none\n")

    def test_settings_lose_their_origin(self):
        self.assertEqual(
            tallyd.parse_config("# config =      # default\n"
                                "store.overlay = 64m   # flag\n"
                                "listen = 127.0.0.1:1 # default\n"),
            {"store.overlay": "64m", "listen": "127.0.0.1:1"})

    def test_sizes_have_letters(self):
        self.assertEqual([tallyd.parse_size(text)
                          for text in ("0", "512", "2k", "64m", "1g")],
                         [0, 512, 2048, 64 << 20, 1 << 30])


class LoadTest(unittest.TestCase):
    """The generator's command line."""

    def test_keys_of_apps_end_in_their_number(self):
        self.assertEqual(len(tallyd.app_key(7)), 40)
        self.assertTrue(tallyd.app_key(7).endswith("be000007"))

    def test_flags_get_their_dashes(self):
        class Fake:  # pylint: disable=too-few-public-methods
            """A server as far as a command line needs it."""
            port = 1
            pid = 2
        line = load.command("load", Fake, {"read_percent": 5})
        self.assertEqual(line[-2:], ["--read-percent", "5"])

    def test_a_run_by_requests_has_its_time(self):
        self.assertGreater(load.timeout_of({"requests": 1000000}), 500)


class PeerTest(unittest.TestCase):
    """The sessions that others count."""

    def test_a_session_adds_to_67_different_counters(self):
        added = list(story.increments(12345))
        self.assertEqual(len(added), story.COUNTERS)
        self.assertEqual(len(set(added)), 67)

    def test_redis_gets_a_command_for_each_counter_and_the_user(self):
        request, answers = redis.batch(range(3))
        self.assertEqual(answers, 3 * (67 + 1))
        self.assertEqual(request.count(b"HINCRBY"), 3 * 67)

    def test_postgresql_gets_no_counter_twice_in_a_statement(self):
        text = postgresql.batch(range(5)).decode()
        rows = text[:text.index(" ON CONFLICT")].split("),(")
        keys = [row.rsplit(",", 1)[0] for row in rows]
        self.assertEqual(len(keys), len(set(keys)))


if __name__ == "__main__":
    unittest.main()
