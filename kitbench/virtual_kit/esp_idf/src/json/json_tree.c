/* SPDX-License-Identifier: Apache-2.0 */
/* cJSON: making, reading and changing trees of items. */
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "json.h"

static void *(*s_malloc)(size_t) = malloc;
static void (*s_free)(void *) = free;

void cJSON_InitHooks(cJSON_Hooks *hooks)
{
    s_malloc = hooks != NULL && hooks->malloc_fn != NULL ? hooks->malloc_fn : malloc;
    s_free = hooks != NULL && hooks->free_fn != NULL ? hooks->free_fn : free;
}

void *cJSON_malloc(size_t size)
{
    return s_malloc(size);
}

void cJSON_free(void *block)
{
    s_free(block);
}

const char *cJSON_Version(void)
{
    return "1.7.15";
}

cJSON *kit_json_new(int type)
{
    cJSON *item = s_malloc(sizeof(*item));
    if (item != NULL) {
        *item = (cJSON){.type = type};
    }
    return item;
}

char *kit_json_copy(const char *text)
{
    const size_t size = strlen(text) + 1;
    char *copy = s_malloc(size);
    return copy != NULL ? memcpy(copy, text, size) : NULL;
}

void kit_json_set_number(cJSON *item, double number)
{
    item->valuedouble = number;
    item->valueint = number >= INT_MAX ? INT_MAX : number <= (double)INT_MIN ? INT_MIN : (int)number;
}

void cJSON_Delete(cJSON *item)
{
    while (item != NULL) {
        cJSON *next = item->next;
        if (!(item->type & cJSON_IsReference)) {
            cJSON_Delete(item->child);
            if (item->valuestring != NULL) {
                s_free(item->valuestring);
            }
        }
        if (!(item->type & cJSON_StringIsConst) && item->string != NULL) {
            s_free(item->string);
        }
        s_free(item);
        item = next;
    }
}

double cJSON_SetNumberHelper(cJSON *object, double number)
{
    kit_json_set_number(object, number);
    return number;
}

char *cJSON_SetValuestring(cJSON *object, const char *valuestring)
{
    if (object == NULL || !(object->type & cJSON_String) || (object->type & cJSON_IsReference)) {
        return NULL;
    }
    char *copy = kit_json_copy(valuestring);
    if (copy != NULL) {
        s_free(object->valuestring);
        object->valuestring = copy;
    }
    return copy;
}

int cJSON_GetArraySize(const cJSON *array)
{
    int size = 0;
    const cJSON *item;
    cJSON_ArrayForEach(item, array)
    {
        size++;
    }
    return size;
}

cJSON *cJSON_GetArrayItem(const cJSON *array, int index)
{
    cJSON *item = array != NULL && index >= 0 ? array->child : NULL;
    while (item != NULL && index-- > 0) {
        item = item->next;
    }
    return item;
}

static cJSON *find(const cJSON *object, const char *name, bool case_sensitive)
{
    if (object == NULL || name == NULL) {
        return NULL;
    }
    for (cJSON *item = object->child; item != NULL; item = item->next) {
        if (item->string != NULL && (case_sensitive ? strcmp : strcasecmp)(item->string, name) == 0) {
            return item;
        }
    }
    return NULL;
}

cJSON *cJSON_GetObjectItem(const cJSON *object, const char *string)
{
    return find(object, string, false);
}

cJSON *cJSON_GetObjectItemCaseSensitive(const cJSON *object, const char *string)
{
    return find(object, string, true);
}

cJSON_bool cJSON_HasObjectItem(const cJSON *object, const char *string)
{
    return find(object, string, false) != NULL;
}

char *cJSON_GetStringValue(const cJSON *item)
{
    return cJSON_IsString(item) ? item->valuestring : NULL;
}

double cJSON_GetNumberValue(const cJSON *item)
{
    return cJSON_IsNumber(item) ? item->valuedouble : NAN;
}

#define IS(name, kinds)                                     \
    cJSON_bool cJSON_Is##name(const cJSON *item)            \
    {                                                       \
        return item != NULL && ((item->type & 0xff) & (kinds)) != 0; \
    }
IS(False, cJSON_False)
IS(True, cJSON_True)
IS(Bool, cJSON_True | cJSON_False)
IS(Null, cJSON_NULL)
IS(Number, cJSON_Number)
IS(String, cJSON_String)
IS(Array, cJSON_Array)
IS(Object, cJSON_Object)
IS(Raw, cJSON_Raw)

cJSON_bool cJSON_IsInvalid(const cJSON *item)
{
    return item != NULL && (item->type & 0xff) == cJSON_Invalid;
}

void kit_json_append(cJSON *parent, cJSON *item)
{
    item->next = NULL;
    if (parent->child == NULL) {
        parent->child = item;
        item->prev = item;
    } else {
        item->prev = parent->child->prev;
        item->prev->next = item;
        parent->child->prev = item;
    }
}

cJSON *cJSON_CreateNull(void)
{
    return kit_json_new(cJSON_NULL);
}

cJSON *cJSON_CreateTrue(void)
{
    return kit_json_new(cJSON_True);
}

cJSON *cJSON_CreateFalse(void)
{
    return kit_json_new(cJSON_False);
}

cJSON *cJSON_CreateBool(cJSON_bool boolean)
{
    return kit_json_new(boolean ? cJSON_True : cJSON_False);
}

cJSON *cJSON_CreateNumber(double num)
{
    cJSON *item = kit_json_new(cJSON_Number);
    if (item != NULL) {
        kit_json_set_number(item, num);
    }
    return item;
}

static cJSON *create_text(int type, const char *text)
{
    cJSON *item = text != NULL ? kit_json_new(type) : NULL;
    if (item != NULL && (item->valuestring = kit_json_copy(text)) == NULL) {
        cJSON_Delete(item);
        return NULL;
    }
    return item;
}

cJSON *cJSON_CreateString(const char *string)
{
    return create_text(cJSON_String, string);
}

cJSON *cJSON_CreateRaw(const char *raw)
{
    return create_text(cJSON_Raw, raw);
}

cJSON *cJSON_CreateArray(void)
{
    return kit_json_new(cJSON_Array);
}

cJSON *cJSON_CreateObject(void)
{
    return kit_json_new(cJSON_Object);
}

cJSON *cJSON_CreateStringReference(const char *string)
{
    cJSON *item = kit_json_new(cJSON_String | cJSON_IsReference);
    if (item != NULL) {
        item->valuestring = (char *)string;
    }
    return item;
}

static cJSON *create_reference(int type, const cJSON *child)
{
    cJSON *item = kit_json_new(type | cJSON_IsReference);
    if (item != NULL) {
        item->child = (cJSON *)child;
    }
    return item;
}

cJSON *cJSON_CreateObjectReference(const cJSON *child)
{
    return create_reference(cJSON_Object, child);
}

cJSON *cJSON_CreateArrayReference(const cJSON *child)
{
    return create_reference(cJSON_Array, child);
}

#define CREATE_ARRAY(name, type, make)                            \
    cJSON *cJSON_Create##name##Array(type values, int count)      \
    {                                                             \
        cJSON *array = count >= 0 && values != NULL ? cJSON_CreateArray() : NULL; \
        for (int i = 0; array != NULL && i < count; i++) {        \
            if (!cJSON_AddItemToArray(array, make(values[i]))) {  \
                cJSON_Delete(array);                              \
                return NULL;                                      \
            }                                                     \
        }                                                         \
        return array;                                             \
    }
CREATE_ARRAY(Int, const int *, cJSON_CreateNumber)
CREATE_ARRAY(Float, const float *, cJSON_CreateNumber)
CREATE_ARRAY(Double, const double *, cJSON_CreateNumber)
CREATE_ARRAY(String, const char *const *, cJSON_CreateString)

cJSON_bool cJSON_AddItemToArray(cJSON *array, cJSON *item)
{
    if (array == NULL || item == NULL || array == item) {
        return false;
    }
    kit_json_append(array, item);
    return true;
}

static void set_name(cJSON *item, char *name, int is_constant)
{
    if (!(item->type & cJSON_StringIsConst) && item->string != NULL) {
        s_free(item->string);
    }
    item->string = name;
    item->type = (item->type & ~cJSON_StringIsConst) | is_constant;
}

cJSON_bool cJSON_AddItemToObject(cJSON *object, const char *string, cJSON *item)
{
    char *name = object != NULL && string != NULL && item != NULL && object != item ? kit_json_copy(string) : NULL;
    if (name == NULL) {
        return false;
    }
    set_name(item, name, 0);
    return cJSON_AddItemToArray(object, item);
}

cJSON_bool cJSON_AddItemToObjectCS(cJSON *object, const char *string, cJSON *item)
{
    if (object == NULL || string == NULL || item == NULL || object == item) {
        return false;
    }
    set_name(item, (char *)string, cJSON_StringIsConst);
    return cJSON_AddItemToArray(object, item);
}

static cJSON *refer_to(const cJSON *item)
{
    cJSON *reference = item != NULL ? kit_json_new(item->type | cJSON_IsReference) : NULL;
    if (reference != NULL) {
        reference->type &= ~cJSON_StringIsConst;
        reference->child = item->child;
        reference->valuestring = item->valuestring;
        reference->valueint = item->valueint;
        reference->valuedouble = item->valuedouble;
    }
    return reference;
}

cJSON_bool cJSON_AddItemReferenceToArray(cJSON *array, cJSON *item)
{
    return array != NULL && cJSON_AddItemToArray(array, refer_to(item));
}

cJSON_bool cJSON_AddItemReferenceToObject(cJSON *object, const char *string, cJSON *item)
{
    return object != NULL && string != NULL && cJSON_AddItemToObject(object, string, refer_to(item));
}

static cJSON *add(cJSON *object, const char *name, cJSON *item)
{
    if (cJSON_AddItemToObject(object, name, item)) {
        return item;
    }
    cJSON_Delete(item);
    return NULL;
}

cJSON *cJSON_AddNullToObject(cJSON *const object, const char *const name)
{
    return add(object, name, cJSON_CreateNull());
}

cJSON *cJSON_AddTrueToObject(cJSON *const object, const char *const name)
{
    return add(object, name, cJSON_CreateTrue());
}

cJSON *cJSON_AddFalseToObject(cJSON *const object, const char *const name)
{
    return add(object, name, cJSON_CreateFalse());
}

cJSON *cJSON_AddBoolToObject(cJSON *const object, const char *const name, const cJSON_bool boolean)
{
    return add(object, name, cJSON_CreateBool(boolean));
}

cJSON *cJSON_AddNumberToObject(cJSON *const object, const char *const name, const double number)
{
    return add(object, name, cJSON_CreateNumber(number));
}

cJSON *cJSON_AddStringToObject(cJSON *const object, const char *const name, const char *const string)
{
    return add(object, name, cJSON_CreateString(string));
}

cJSON *cJSON_AddRawToObject(cJSON *const object, const char *const name, const char *const raw)
{
    return add(object, name, cJSON_CreateRaw(raw));
}

cJSON *cJSON_AddObjectToObject(cJSON *const object, const char *const name)
{
    return add(object, name, cJSON_CreateObject());
}

cJSON *cJSON_AddArrayToObject(cJSON *const object, const char *const name)
{
    return add(object, name, cJSON_CreateArray());
}

cJSON *cJSON_DetachItemViaPointer(cJSON *parent, cJSON *const item)
{
    if (parent == NULL || item == NULL) {
        return NULL;
    }
    if (item == parent->child) {
        parent->child = item->next;
    } else {
        item->prev->next = item->next;
    }
    if (item->next != NULL) {
        item->next->prev = item->prev;
    } else if (parent->child != NULL) {
        parent->child->prev = item->prev;
    }
    item->next = item->prev = NULL;
    return item;
}

cJSON *cJSON_DetachItemFromArray(cJSON *array, int which)
{
    return cJSON_DetachItemViaPointer(array, cJSON_GetArrayItem(array, which));
}

void cJSON_DeleteItemFromArray(cJSON *array, int which)
{
    cJSON_Delete(cJSON_DetachItemFromArray(array, which));
}

cJSON *cJSON_DetachItemFromObject(cJSON *object, const char *string)
{
    return cJSON_DetachItemViaPointer(object, find(object, string, false));
}

cJSON *cJSON_DetachItemFromObjectCaseSensitive(cJSON *object, const char *string)
{
    return cJSON_DetachItemViaPointer(object, find(object, string, true));
}

void cJSON_DeleteItemFromObject(cJSON *object, const char *string)
{
    cJSON_Delete(cJSON_DetachItemFromObject(object, string));
}

void cJSON_DeleteItemFromObjectCaseSensitive(cJSON *object, const char *string)
{
    cJSON_Delete(cJSON_DetachItemFromObjectCaseSensitive(object, string));
}

cJSON_bool cJSON_InsertItemInArray(cJSON *array, int which, cJSON *newitem)
{
    if (which < 0 || newitem == NULL) {
        return false;
    }
    cJSON *after = cJSON_GetArrayItem(array, which);
    if (after == NULL) {
        return cJSON_AddItemToArray(array, newitem);
    }
    newitem->next = after;
    newitem->prev = after->prev;
    after->prev = newitem;
    *(after == array->child ? &array->child : &newitem->prev->next) = newitem;
    return true;
}

cJSON_bool cJSON_ReplaceItemViaPointer(cJSON *const parent, cJSON *const item, cJSON *replacement)
{
    if (parent == NULL || item == NULL || replacement == NULL) {
        return false;
    }
    if (replacement == item) {
        return true;
    }
    replacement->next = item->next;
    replacement->prev = item->prev == item ? replacement : item->prev;
    if (item->next != NULL) {
        item->next->prev = replacement;
    } else {
        (parent->child == item ? replacement : parent->child)->prev = replacement;
    }
    *(parent->child == item ? &parent->child : &replacement->prev->next) = replacement;
    item->next = item->prev = NULL;
    cJSON_Delete(item);
    return true;
}

cJSON_bool cJSON_ReplaceItemInArray(cJSON *array, int which, cJSON *newitem)
{
    return cJSON_ReplaceItemViaPointer(array, cJSON_GetArrayItem(array, which), newitem);
}

static cJSON_bool replace_named(cJSON *object, const char *name, cJSON *replacement, bool case_sensitive)
{
    char *copy = replacement != NULL && name != NULL ? kit_json_copy(name) : NULL;
    if (copy == NULL) {
        return false;
    }
    set_name(replacement, copy, 0);
    return cJSON_ReplaceItemViaPointer(object, find(object, name, case_sensitive), replacement);
}

cJSON_bool cJSON_ReplaceItemInObject(cJSON *object, const char *string, cJSON *newitem)
{
    return replace_named(object, string, newitem, false);
}

cJSON_bool cJSON_ReplaceItemInObjectCaseSensitive(cJSON *object, const char *string, cJSON *newitem)
{
    return replace_named(object, string, newitem, true);
}

static bool duplicate_texts(cJSON *copy, const cJSON *item)
{
    if (item->valuestring != NULL && (copy->valuestring = kit_json_copy(item->valuestring)) == NULL) {
        return false;
    }
    if (item->string != NULL) {
        copy->string = item->type & cJSON_StringIsConst ? item->string : kit_json_copy(item->string);
        return copy->string != NULL;
    }
    return true;
}

cJSON *cJSON_Duplicate(const cJSON *item, cJSON_bool recurse)
{
    cJSON *copy = item != NULL ? kit_json_new(item->type & ~cJSON_IsReference) : NULL;
    if (copy == NULL) {
        return NULL;
    }
    copy->valueint = item->valueint;
    copy->valuedouble = item->valuedouble;
    if (!duplicate_texts(copy, item)) {
        cJSON_Delete(copy);
        return NULL;
    }
    const cJSON *child = recurse ? item->child : NULL;
    for (; child != NULL; child = child->next) {
        cJSON *below = cJSON_Duplicate(child, true);
        if (below == NULL) {
            cJSON_Delete(copy);
            return NULL;
        }
        kit_json_append(copy, below);
    }
    return copy;
}

static bool same_members(const cJSON *a, const cJSON *b, bool case_sensitive)
{
    for (const cJSON *item = a->child; item != NULL; item = item->next) {
        if (!cJSON_Compare(item, find(b, item->string, case_sensitive), case_sensitive)) {
            return false;
        }
    }
    return true;
}

static bool same_elements(const cJSON *a, const cJSON *b, bool case_sensitive)
{
    const cJSON *left = a->child;
    const cJSON *right = b->child;
    while (left != NULL && right != NULL) {
        if (!cJSON_Compare(left, right, case_sensitive)) {
            return false;
        }
        left = left->next;
        right = right->next;
    }
    return left == right;
}

cJSON_bool cJSON_Compare(const cJSON *const a, const cJSON *const b, const cJSON_bool case_sensitive)
{
    if (a == NULL || b == NULL || ((a->type ^ b->type) & 0xff) != 0) {
        return false;
    }
    switch (a->type & 0xff) {
    case cJSON_False:
    case cJSON_True:
    case cJSON_NULL:
        return true;
    case cJSON_Number:
        return fabs(a->valuedouble - b->valuedouble) <= fmax(fabs(a->valuedouble), fabs(b->valuedouble)) * 0x1p-52;
    case cJSON_String:
    case cJSON_Raw:
        return a->valuestring != NULL && b->valuestring != NULL && strcmp(a->valuestring, b->valuestring) == 0;
    case cJSON_Array:
        return same_elements(a, b, case_sensitive);
    case cJSON_Object:
        return same_members(a, b, case_sensitive) && same_members(b, a, case_sensitive);
    default:
        return false;
    }
}
