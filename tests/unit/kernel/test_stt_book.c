/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Does the book that STT's threads read find whom it was told of, and nobody
 * else?
 */
#include "../cases.h"

#include "kernel/stt_state.h"

#define N_SENDERS 1000u

static struct table_address address(uint32_t i)
{
	struct table_address result = {{[10] = 0xff, 0xff, 10}};

	result.bytes[14] = (uint8_t)(i >> 8);
	result.bytes[15] = (uint8_t)i;
	return result;
}

static void everybody_is_found_by_address_and_vni(void **state)
{
	struct stt_book *book = stt_book_new(N_SENDERS + 1, 2 * N_SENDERS);

	(void)state;
	assert_non_null(book);
	for (uint32_t i = 0; i < N_SENDERS; i++) {
		struct table_address sender = address(i);

		stt_book_add_sender(book, &sender, STT_ANY_VNI, i, 0);
		stt_book_add_sender(book, &sender, 5000 + i % 7, i, (uint16_t)(i + 1));
	}
	for (uint32_t i = 0; i < N_SENDERS; i++) {
		struct table_address sender = address(i);
		const struct stt_sender_entry *entry = stt_book_sender(book, &sender, 5000 + i % 7);

		assert_non_null(entry);
		assert_int_equal(entry->peer, i);
		assert_int_equal(entry->path, i + 1);
		assert_int_equal(stt_book_sender(book, &sender, STT_ANY_VNI)->peer, i);
		assert_null(stt_book_sender(book, &sender, 5007));
	}
	stt_book_free(book);
}

static void a_stranger_is_not_found(void **state)
{
	struct stt_book *book = stt_book_new(0, 0);
	struct table_address sender = address(1), other = address(2);

	(void)state;
	assert_non_null(book);
	assert_null(stt_book_sender(book, &sender, 5000));
	stt_book_add_sender(book, &sender, 5000, 3, 4);
	assert_null(stt_book_sender(book, &other, 5000));
	assert_null(stt_book_sender(book, &sender, 5001));
	assert_int_equal(stt_book_sender(book, &sender, 5000)->path, 4);
	stt_book_free(book);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(everybody_is_found_by_address_and_vni),
		cmocka_unit_test(a_stranger_is_not_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
