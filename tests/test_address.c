#include <arpa/inet.h>
#include <check.h>
#include <netinet/in.h>
#include <stdlib.h>

#include "http/address.h"

#define PEER "192.0.2.9"

static const struct {
    const char *forwarded_for;
    const char *real_ip;
    const char *client;
} clients[] = {
    {"", "", PEER},
    {"198.51.100.7", "", "198.51.100.7"},
    {" 198.51.100.7 , 10.0.0.1", "203.0.113.1", "198.51.100.7"},
    {"", "203.0.113.1", "203.0.113.1"},
    {"unknown", "203.0.113.1", "203.0.113.1"},
    {"unknown", "x", PEER},
    {",198.51.100.7", "", PEER},
    {"198.51.100.7:8080", "", "198.51.100.7"},
    {"2001:db8::1", "", "2001:db8::1"},
    {"[2001:DB8::1]", "", "2001:db8::1"},
    {"[2001:db8::1]:443", "", "2001:db8::1"},
    {"::ffff:198.51.100.7", "", "198.51.100.7"},
    {"[2001:db8::1", "", PEER},
    {"256.1.1.1", "", PEER},
    {"1.2.3", "", PEER},
    {":", "", PEER},
    {"[]", "", PEER},
    {"0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000", "", PEER},
};

enum { CLIENTS = sizeof(clients) / sizeof(clients[0]) };

START_TEST(proxies_are_believed_when_they_name_an_address)
{
    char address[ADDRESS_SIZE] = "";

    address_of_client(address, text_of(clients[_i].forwarded_for),
                      text_of(clients[_i].real_ip), PEER);
    ck_assert_str_eq(address, clients[_i].client);
}
END_TEST

static const struct {
    const char *peer;
    const char *forwarded_for;
    const char *real_ip;
    const char *client;
} chains[] = {
    /* a peer that is no proxy speaks for itself alone */
    {"192.0.2.9", "198.51.100.7", "198.51.100.8", "192.0.2.9"},
    {"10.0.0.1", "", "", "10.0.0.1"},
    {"10.0.0.1", "198.51.100.7", "198.51.100.8", "198.51.100.7"},
    {"10.0.0.1", "", "198.51.100.8", "198.51.100.8"},
    /* what the client itself claims stands further left */
    {"10.0.0.1", "203.0.113.66, 198.51.100.7", "", "198.51.100.7"},
    {"10.0.0.1", "203.0.113.66,198.51.100.7, 10.9.9.9:80", "", "198.51.100.7"},
    {"10.0.0.1", "10.0.0.3, 10.0.0.2", "", "10.0.0.3"},
    {"2001:db8:1::5", "2001:db8:2::1, [2001:db8:1::6]:443", "",
     "2001:db8:2::1"},
    {"10.0.0.1", "198.51.100.7, unknown, 10.0.0.2", "", "10.0.0.2"},
    {"10.0.0.1", "unknown", "198.51.100.8", "10.0.0.1"},
    {"10.0.0.1", "198.51.100.7,", "", "10.0.0.1"},
    {"10.0.0.1", "::ffff:10.0.0.2", "", "10.0.0.2"},
    {"", "198.51.100.7", "", ""},
};

enum { CHAINS = sizeof(chains) / sizeof(chains[0]) };

START_TEST(only_trusted_proxies_are_believed_when_there_is_a_list)
{
    char address[ADDRESS_SIZE] = "x";
    struct networks trusted;

    ck_assert_int_eq(
        networks_read(TEXT("10.0.0.0/8,2001:db8:1::/48"), &trusted), TALLY_OK);
    address_behind(address, &trusted, text_of(chains[_i].forwarded_for),
                   text_of(chains[_i].real_ip), chains[_i].peer);
    ck_assert_str_eq(address, chains[_i].client);
}
END_TEST

START_TEST(a_network_ends_at_its_last_bit)
{
    static const struct {
        const char *network, *ip;
        bool has;
    } cases[] = {
        {"192.0.2.128/25", "192.0.2.128", true},
        {"192.0.2.128/25", "192.0.2.127", false},
        {"192.0.2.4", "192.0.2.5", false},
        {"0.0.0.0/0", "203.0.113.1", true},
        {"0.0.0.0/0", "2001:db8::1", false},
        {"::/0", "203.0.113.1", true},
        {"2001:db8::/33", "2001:db8:7fff::1", true},
        {"2001:db8::/33", "2001:db8:8000::1", false},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct networks networks;
        struct in6_addr ip;
        ck_assert_int_eq(networks_read(text_of(cases[i].network), &networks),
                         TALLY_OK);
        ck_assert(network_read_ip(text_of(cases[i].ip), &ip));
        ck_assert_msg(networks_have(&networks, &ip) == cases[i].has, "%s in %s",
                      cases[i].ip, cases[i].network);
    }
}
END_TEST

START_TEST(peers_are_written_as_text)
{
    struct sockaddr_in v4 = {.sin_family = AF_INET};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};
    struct sockaddr other = {.sa_family = AF_UNIX};
    char address[ADDRESS_SIZE] = "x";

    inet_pton(AF_INET, "192.0.2.1", &v4.sin_addr);
    address_of_peer(address, (struct sockaddr *)&v4);
    ck_assert_str_eq(address, "192.0.2.1");
    inet_pton(AF_INET6, "2001:db8::2", &v6.sin6_addr);
    address_of_peer(address, (struct sockaddr *)&v6);
    ck_assert_str_eq(address, "2001:db8::2");
    inet_pton(AF_INET6, "::ffff:192.0.2.3", &v6.sin6_addr);
    address_of_peer(address, (struct sockaddr *)&v6);
    ck_assert_str_eq(address, "192.0.2.3");
    address_of_peer(address, &other);
    ck_assert_str_eq(address, "");
}
END_TEST

static const struct {
    const char *address;
    const char *network;
} networks[] = {
    {"192.0.2.7", "192.0.2.7"},
    {"2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"},
    {"2001:db8:1:2::", "2001:db8:1:2::"},
    {"", ""},
};

START_TEST(of_an_ipv6_address_half_is_the_network)
{
    char network[ADDRESS_SIZE];

    address_network(network, networks[_i].address);
    ck_assert_str_eq(network, networks[_i].network);
}
END_TEST

static Suite *address_suite(void)
{
    Suite *suite = suite_create("address");
    TCase *tcase = tcase_create("address");

    tcase_add_loop_test(tcase, proxies_are_believed_when_they_name_an_address,
                        0, CLIENTS);
    tcase_add_loop_test(tcase,
                        only_trusted_proxies_are_believed_when_there_is_a_list,
                        0, CHAINS);
    tcase_add_test(tcase, a_network_ends_at_its_last_bit);
    tcase_add_test(tcase, peers_are_written_as_text);
    tcase_add_loop_test(tcase, of_an_ipv6_address_half_is_the_network, 0,
                        sizeof(networks) / sizeof(networks[0]));
    suite_add_tcase(suite, tcase);
    return suite;
}

int main(void)
{
    SRunner *runner = srunner_create(address_suite());

    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
