/* SPDX-License-Identifier: Apache-2.0 */
/* assert() that panics as on the device. No include guard: the standard has each inclusion look at NDEBUG. */
#undef assert

#ifdef __cplusplus
extern "C" {
#endif
void __assert_func(const char *file, int line, const char *function, const char *expression)
    __attribute__((noreturn));
#ifdef __cplusplus
}
#endif

#ifdef NDEBUG
#define assert(expression) ((void)0)
#else
#define assert(expression) \
    ((void)((expression) ? (void)0 : __assert_func(__FILE__, __LINE__, __func__, #expression)))
#endif

#if !defined(__cplusplus) && __STDC_VERSION__ >= 201112L && __STDC_VERSION__ < 202311L
#undef static_assert
#define static_assert _Static_assert
#endif
