"""cJSON as its documentation has it; expected texts *from its source's rules*, unverified against ESP-IDF."""

import json

import pytest

from tests.kitbench.virtual_kit.cpu.app_rig import RunProgram, choice_of

_HEAD = """
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "cJSON.h"
#include "esp_system.h"
static void show(cJSON *tree, int formatted) {
    char *text = formatted ? cJSON_Print(tree) : cJSON_PrintUnformatted(tree);
    printf("%s|", text != NULL ? text : "none"); cJSON_free(text); cJSON_Delete(tree);
}
static cJSON *reading(void) {
    cJSON *tree = cJSON_CreateObject();
    cJSON_AddNumberToObject(tree, "temperature", 31.5);
    cJSON_AddNumberToObject(tree, "count", 7);
    cJSON_AddBoolToObject(tree, "led", 1);
    cJSON *list = cJSON_AddArrayToObject(tree, "list");
    cJSON_AddItemToArray(list, cJSON_CreateNumber(-1e-7));
    cJSON_AddItemToArray(list, cJSON_CreateNull());
    return tree;
}
"""
_READING = '{"temperature":31.5,"count":7,"led":true,"list":[-1e-07,null]}'
_SAID = {
    "show(reading(), 0);": _READING + "|",
    "show(reading(), 1);": (
        '{\r\n\t"temperature":\t31.5,\r\n\t"count":\t7,\r\n\t"led":\ttrue,\r\n\t"list":\t[-1e-07, null]\r\n}|'
    ),
    r'cJSON *o = cJSON_CreateObject(); cJSON_AddStringToObject(o, "a\"\\", "\x01\n\t\x7f\xc3\xa9"); show(o, 0);': (
        '{"a\\"\\\\":"\\u0001\\n\\t\x7fé"}|'
    ),
    r'show(cJSON_Parse(" {\"a\" : [ 1 , 2.5e3, \"\\u00e9\\ud83d\\ude00\\/\" ] , \"b\":{}, \"c\":false } "), 0);': (
        '{"a":[1,2500,"é😀/"],"b":{},"c":false}|'
    ),
    r'printf("%d at %s|", cJSON_Parse("{\"a\":[1,2}") == NULL, cJSON_GetErrorPtr());': "1 at }|",
    r'printf("%d|", cJSON_Parse("{\"a\":\"\\ud800\"}") == NULL);': "1|",
    'printf("%d|", cJSON_Parse("") == NULL);': "1|",
    'printf("%d %d|", cJSON_Parse("1 x") != NULL, cJSON_ParseWithOpts("1 x", NULL, 1) != NULL);': "1 0|",
    'cJSON *n = cJSON_Parse("99999999999"); printf("%d %.0f|", n->valueint, n->valuedouble);': (
        "2147483647 99999999999|"
    ),
    'cJSON *o = cJSON_Parse("{\\"LED\\":1}"); printf("%d %d|", cJSON_GetObjectItem(o, "led") != NULL,'
    ' cJSON_GetObjectItemCaseSensitive(o, "led") != NULL);': "1 0|",
    'cJSON *o = reading(); cJSON_DeleteItemFromObject(o, "list"); cJSON_ReplaceItemInObject(o, "count",'
    ' cJSON_CreateString("x")); cJSON_DetachItemFromObject(o, "temperature"); show(o, 0);': '{"count":"x","led":true}|',
    "int v[] = {1, 2, 3}; cJSON *a = cJSON_CreateIntArray(v, 3); cJSON_DeleteItemFromArray(a, 2);"
    " cJSON_InsertItemInArray(a, 0, cJSON_CreateNumber(0)); cJSON_AddItemToArray(a, cJSON_CreateNumber(9));"
    ' printf("%d ", cJSON_GetArraySize(a)); show(a, 0);': "4 [0,1,2,9]|",
    'char room[8]; cJSON *a = cJSON_Parse("[1,2,3,4]"); printf("%d %d|", cJSON_PrintPreallocated(a, room, 8, 0),'
    " cJSON_PrintPreallocated(a, room, 12, 0));": "0 1|",
    'cJSON *a = reading(), *b = cJSON_Duplicate(a, 1); printf("%d ", cJSON_Compare(a, b, 1));'
    ' cJSON_AddNullToObject(b, "more"); printf("%d|", cJSON_Compare(a, b, 1));': "1 0|",
    r'char t[] = "{ \"a b\" : 1, // note" "\n" " \"c\" : 2 /* x */ }"; cJSON_Minify(t); printf("%s|", t);': (
        '{"a b":1,"c":2}|'
    ),
    "unsigned before = esp_get_free_heap_size(); for (int i = 0; i < 50; i++) { show(reading(), 1); }"
    ' printf("lost %d|", (int)(before - esp_get_free_heap_size()));': "lost 0|",
}


@pytest.mark.parametrize("number", range(len(_SAID)))
def test_trees_and_texts(run_program: RunProgram, number: int) -> None:
    run = run_program(choice_of(_SAID, head=_HEAD))
    run.choose(number)

    run.wait_for("Returned from app_main()")

    assert list(_SAID.values())[number] in run.text
    assert not run.resets


def test_what_is_printed_is_json() -> None:
    """A control: another implementation reads what is expected above."""
    assert json.loads(_READING) == {"temperature": 31.5, "count": 7, "led": True, "list": [-1e-07, None]}
