/* SPDX-License-Identifier: Apache-2.0 */
/* cJSON: from text to a tree; RFC 8259, with what cJSON's documentation says of lengths, ends and errors. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include "json.h"

#define LONGEST_NUMBER 64

struct text {
    const char *at;
    const char *end; /* the closing NUL counts as text */
    int depth;
};

static const char *s_error;

static cJSON *parse_value(struct text *text);

static char next(const struct text *text)
{
    return text->at < text->end ? *text->at : '\0';
}

static void skip_space(struct text *text)
{
    while (text->at < text->end && *text->at != '\0' && (unsigned char)*text->at <= ' ') {
        text->at++;
    }
}

static bool take(struct text *text, const char *word)
{
    const size_t length = strlen(word);
    if ((size_t)(text->end - text->at) < length || strncmp(text->at, word, length) != 0) {
        return false;
    }
    text->at += length;
    return true;
}

static cJSON *parse_number(struct text *text)
{
    char digits[LONGEST_NUMBER];
    size_t length = 0;
    while (length + 1 < sizeof(digits) && next(text) != '\0' && strchr("0123456789+-.eE", next(text)) != NULL) {
        digits[length++] = *text->at++;
    }
    digits[length] = '\0';
    char *end;
    const double value = strtod(digits, &end);
    text->at -= strlen(end);
    return end != digits ? cJSON_CreateNumber(value) : NULL;
}

/* Four hexadecimal digits, or -1. */
static int hex(const struct text *text, const char *at)
{
    int value = 0;
    for (int i = 0; i < 4; i++) {
        if (at + i >= text->end || !isxdigit((unsigned char)at[i])) {
            return -1;
        }
        value = value * 16 + (isdigit((unsigned char)at[i]) ? at[i] - '0' : tolower((unsigned char)at[i]) - 'a' + 10);
    }
    return value;
}

static char *put_utf8(char *to, int code)
{
    if (code < 0x80) {
        *to++ = (char)code;
    } else if (code < 0x800) {
        *to++ = (char)(0xc0 | code >> 6);
        *to++ = (char)(0x80 | (code & 0x3f));
    } else if (code < 0x10000) {
        *to++ = (char)(0xe0 | code >> 12);
        *to++ = (char)(0x80 | (code >> 6 & 0x3f));
        *to++ = (char)(0x80 | (code & 0x3f));
    } else {
        *to++ = (char)(0xf0 | code >> 18);
        *to++ = (char)(0x80 | (code >> 12 & 0x3f));
        *to++ = (char)(0x80 | (code >> 6 & 0x3f));
        *to++ = (char)(0x80 | (code & 0x3f));
    }
    return to;
}

/* What follows "\u", a surrogate pair as one; NULL where it is none. */
static char *take_unicode(struct text *text, char *to)
{
    int code = hex(text, text->at);
    if (code < 0 || (code >= 0xdc00 && code < 0xe000)) {
        return NULL;
    }
    text->at += 4;
    if (code >= 0xd800 && code < 0xdc00) {
        const int low = take(text, "\\u") ? hex(text, text->at) : -1;
        if (low < 0xdc00 || low >= 0xe000) {
            return NULL;
        }
        text->at += 4;
        code = 0x10000 + ((code & 0x3ff) << 10 | (low & 0x3ff));
    }
    return put_utf8(to, code);
}

static char *take_escape(struct text *text, char *to)
{
    static const char from[] = "\"\\/bfnrt";
    static const char into[] = "\"\\/\b\f\n\r\t";
    const char letter = next(text);
    const char *known = letter != '\0' ? strchr(from, letter) : NULL;
    text->at++;
    if (known != NULL) {
        *to++ = into[known - from];
        return to;
    }
    return letter == 'u' ? take_unicode(text, to) : NULL;
}

/* A text in quotation marks, by cJSON's allocator; NULL where it is none. */
static char *parse_text(struct text *text)
{
    if (!take(text, "\"")) {
        return NULL;
    }
    const char *close = text->at;
    while (close < text->end && *close != '"') {
        close += *close == '\\' ? 2 : 1;
    }
    char *result = close < text->end ? cJSON_malloc((size_t)(close - text->at) + 1) : NULL;
    char *to = result;
    while (to != NULL && text->at < close) {
        if (*text->at != '\\') {
            *to++ = *text->at++;
        } else {
            text->at++;
            to = take_escape(text, to);
        }
    }
    if (to == NULL) {
        cJSON_free(result);
        return NULL;
    }
    *to = '\0';
    text->at = close + 1;
    return result;
}

static cJSON *parse_string(struct text *text)
{
    char *value = parse_text(text);
    cJSON *item = value != NULL ? kit_json_new(cJSON_String) : NULL;
    if (item != NULL) {
        item->valuestring = value;
    } else if (value != NULL) {
        cJSON_free(value);
    }
    return item;
}

static cJSON *parse_member(struct text *text, bool has_name)
{
    skip_space(text);
    char *name = has_name ? parse_text(text) : NULL;
    skip_space(text);
    cJSON *item = !has_name || (name != NULL && take(text, ":")) ? parse_value(text) : NULL;
    if (item != NULL) {
        item->string = name;
    } else if (name != NULL) {
        cJSON_free(name);
    }
    skip_space(text);
    return item;
}

static cJSON *parse_container(struct text *text, int type, const char *close)
{
    cJSON *container = ++text->depth <= CJSON_NESTING_LIMIT ? kit_json_new(type) : NULL;
    text->at++;
    skip_space(text);
    bool is_open = !take(text, close);
    while (container != NULL && is_open) {
        cJSON *item = parse_member(text, type == cJSON_Object);
        if (item == NULL) {
            cJSON_Delete(container);
            return NULL;
        }
        kit_json_append(container, item);
        is_open = take(text, ",");
        if (!is_open && !take(text, close)) {
            cJSON_Delete(container);
            return NULL;
        }
    }
    text->depth--;
    return container;
}

static cJSON *parse_value(struct text *text)
{
    skip_space(text);
    switch (next(text)) {
    case '{':
        return parse_container(text, cJSON_Object, "}");
    case '[':
        return parse_container(text, cJSON_Array, "]");
    case '"':
        return parse_string(text);
    case 'n':
        return take(text, "null") ? cJSON_CreateNull() : NULL;
    case 't':
        return take(text, "true") ? cJSON_CreateTrue() : NULL;
    case 'f':
        return take(text, "false") ? cJSON_CreateFalse() : NULL;
    default:
        return parse_number(text);
    }
}

cJSON *cJSON_ParseWithLengthOpts(const char *value, size_t length, const char **return_parse_end,
                                 cJSON_bool require_null_terminated)
{
    s_error = NULL;
    if (value == NULL || length == 0) {
        return NULL;
    }
    struct text text = {.at = value, .end = value + length};
    if (take(&text, "\xef\xbb\xbf")) { /* a byte order mark */
    }
    cJSON *item = parse_value(&text);
    if (item != NULL && require_null_terminated) {
        skip_space(&text);
        if (text.at >= text.end || *text.at != '\0') {
            cJSON_Delete(item);
            item = NULL;
        }
    }
    if (item == NULL) {
        s_error = text.at < text.end ? text.at : text.end - 1;
    }
    if (return_parse_end != NULL) {
        *return_parse_end = text.at;
    }
    return item;
}

cJSON *cJSON_ParseWithOpts(const char *value, const char **return_parse_end, cJSON_bool require_null_terminated)
{
    const size_t length = value != NULL ? strlen(value) + 1 : 0;
    return cJSON_ParseWithLengthOpts(value, length, return_parse_end, require_null_terminated);
}

cJSON *cJSON_Parse(const char *value)
{
    return cJSON_ParseWithOpts(value, NULL, false);
}

cJSON *cJSON_ParseWithLength(const char *value, size_t length)
{
    return cJSON_ParseWithLengthOpts(value, length, NULL, false);
}

const char *cJSON_GetErrorPtr(void)
{
    return s_error;
}

/* Without blanks and comments outside of texts. */
void cJSON_Minify(char *json)
{
    char *to = json;
    for (const char *at = json; at != NULL && *at != '\0';) {
        if (*at == '"') {
            do {
                if (*at == '\\' && at[1] != '\0') {
                    *to++ = *at++;
                }
                *to++ = *at++;
            } while (*at != '\0' && *at != '"');
            if (*at == '"') {
                *to++ = *at++;
            }
        } else if (at[0] == '/' && at[1] == '/') {
            at += strcspn(at, "\n");
        } else if (at[0] == '/' && at[1] == '*') {
            const char *end = strstr(at + 2, "*/");
            at = end != NULL ? end + 2 : at + strlen(at);
        } else if (isspace((unsigned char)*at)) {
            at++;
        } else {
            *to++ = *at++;
        }
    }
    if (to != NULL) {
        *to = '\0';
    }
}
