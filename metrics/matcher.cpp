#include "metrics/matcher.h"

#include <re2/filtered_re2.h>
#include <re2/re2.h>
#include <re2/set.h>

#include <string>
#include <vector>

/* Bytes: the automata of the words, and of each expression. One that runs out
 * of room is begun anew, or does without. */
enum { WORDS_MEMORY = 4 << 20, EXPRESSION_MEMORY = 128 << 10 };

/* Words that are shorter do not tell expressions apart. */
enum { WORD_MIN = 3 };

static RE2::Options options_of(int64_t memory)
{
    RE2::Options options;

    options.set_encoding(RE2::Options::EncodingLatin1);
    options.set_log_errors(false);
    options.set_max_mem(memory);
    return options;
}

static RE2::Options literally()
{
    RE2::Options options = options_of(WORDS_MEMORY);

    options.set_literal(true);
    return options;
}

struct matcher {
    re2::FilteredRE2 expressions{WORD_MIN};
    RE2::Set words{literally(), RE2::UNANCHORED};
    int count = 0;
    bool has_words = false;
};

struct matcher *matcher_create()
{
    return new matcher;
}

void matcher_destroy(struct matcher *matcher)
{
    delete matcher;
}

enum tally_err matcher_add(struct matcher *matcher, struct text expression,
                           bool ignores_case)
{
    RE2::Options options = options_of(EXPRESSION_MEMORY);
    int number;

    options.set_case_sensitive(!ignores_case);
    if (matcher->expressions.Add({expression.at, expression.len}, options,
                                 &number) != RE2::NoError)
        return TALLY_ERR_INVALID;
    matcher->count++;
    return TALLY_OK;
}

void matcher_close(struct matcher *matcher)
{
    std::vector<std::string> words;

    if (matcher->count == 0)
        return;
    matcher->expressions.Compile(&words);
    for (const std::string &word : words)
        matcher->words.Add(word, nullptr);
    matcher->has_words = !words.empty() && matcher->words.Compile();
}

/* The expressions that may match, in order; words are in lower case. */
static std::vector<int> candidates(const struct matcher *matcher,
                                   const struct text text)
{
    std::string lower(text.at, text.len);
    std::vector<int> words;
    std::vector<int> numbers;

    for (char &byte : lower) {
        if (byte >= 'A' && byte <= 'Z')
            byte = static_cast<char>(byte + 'a' - 'A');
    }
    if (matcher->has_words)
        matcher->words.Match(lower, &words);
    matcher->expressions.AllPotentials(words, &numbers);
    return numbers;
}

int matcher_find(const struct matcher *matcher, struct text text,
                 struct text groups[MATCHER_GROUPS])
{
    const re2::StringPiece piece(text.at, text.len);
    re2::StringPiece found[MATCHER_GROUPS];

    if (matcher->count == 0 || text.len == 0)
        return -1;
    for (int number : candidates(matcher, text)) {
        if (!matcher->expressions.GetRE2(number).Match(
                piece, 0, piece.size(), RE2::UNANCHORED, found, MATCHER_GROUPS))
            continue;
        for (int i = 0; i < MATCHER_GROUPS; i++)
            groups[i] = {found[i].data(), found[i].size()};
        return number;
    }
    return -1;
}
