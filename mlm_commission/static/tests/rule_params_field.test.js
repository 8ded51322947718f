import { expect, test } from "@odoo/hoot";
import { queryAllTexts, queryAllValues } from "@odoo/hoot-dom";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import {
    contains,
    defineModels,
    fields,
    models,
    mountView,
    onRpc,
} from "@web/../tests/web_test_helpers";
import { cleanNumber } from "@mlm_commission/fields/rule_params/rule_params_field";

const base = { help: "", default: null, required: true, min: null, max: null, unit: "", places: 0, choices: [], columns: [] };
const declaration = {
    kind: "level",
    label: "Levels",
    help: "A rate for each level.",
    params: [
        { ...base, name: "own_rate", type: "percent", label: "Own rate", help: "On own sales.", default: "0", required: false, min: "0", max: "100", unit: "%", places: 4 },
        { ...base, name: "rates", type: "table", label: "Rates", columns: [
            { ...base, name: "rate", type: "percent", label: "Rate", min: "0", max: "100", unit: "%", places: 4 },
            { ...base, name: "min_rank", type: "integer", label: "Lowest rank", default: -1, required: false, min: -1, max: 99 },
        ] },
        { ...base, name: "compression", type: "choice", label: "Compression", default: "none", required: false, choices: [["none", "None"], ["standard", "Standard"]] },
        { ...base, name: "strict", type: "boolean", label: "Strict", default: false, required: false },
        { ...base, name: "of", type: "rules", label: "Of the rules", default: [], required: false },
    ],
};

class Rule extends models.Model {
    _name = "mlm.plan.rule";
    params = fields.Json();
    params_declaration = fields.Json();
    _records = [{ id: 1, params: { rates: ["5"] }, params_declaration: declaration }];
}

defineMailModels();
defineModels([Rule]);

const arch = (attributes = "") =>
    `<form><field name="params_declaration" invisible="1"/><field name="params" widget="mlm_rule_params" ${attributes}/></form>`;

function mount(attributes) {
    return mountView({ type: "form", resModel: "mlm.plan.rule", resId: 1, arch: arch(attributes) });
}

test("numbers are read as people type them and kept as the engine reads them", () => {
    expect(cleanNumber("12,5")).toBe("12.5");
    expect(cleanNumber(" 1 000.5 ")).toBe("1000.5");
    expect(cleanNumber("7 %")).toBe("7");
    expect(cleanNumber("0.10")).toBe("0.10");
    expect(cleanNumber("")).toBe(null);
    expect(cleanNumber("1.000,5")).toBe("1.000,5");
    expect(cleanNumber("much")).toBe("much");
});

test("the form comes from the declaration, with defaults", async () => {
    await mount();
    expect(queryAllTexts(".o_mlm_param > label")).toEqual(["Own rate", "Rates", "Compression", "Strict", "Of the rules"]);
    expect("[data-param=own_rate] input").toHaveValue("0");
    expect(queryAllValues("[data-param=rates] input")).toEqual(["5", "-1"]);
    expect("[data-param=compression] select").toHaveValue("none");
    expect("[data-param=strict] input").not.toBeChecked();
    expect("[data-param=own_rate] .o_mlm_param_help").toHaveText("On own sales.");
});

test("what is typed is saved as the engine reads it", async () => {
    onRpc("mlm.plan.rule", "web_save", ({ args }) => {
        expect(args[1].params).toEqual({
            own_rate: "2.50",
            rates: [{ rate: "5" }, { rate: "2.5", min_rank: 3 }],
            compression: "standard",
            strict: true,
            of: ["Upline"],
        });
        expect.step("save");
    });
    await mount();
    await contains("[data-param=own_rate] input").edit("2,50");
    await contains("[data-param=rates] .o_mlm_add_row").click();
    expect("[data-cell='rates/1/0']").toBeFocused();
    await contains("[data-cell='rates/1/0']").edit("2.5", { confirm: "tab" });
    await contains("[data-cell='rates/1/1']").edit("3", { confirm: "tab" });
    await contains("[data-param=compression] select").select("standard");
    await contains("[data-param=strict] input").click();
    await contains("[data-param=of] input").edit("Upline");
    await contains(".o_form_button_save").click();
    expect.verifySteps(["save"]);
});

test("enter opens the next row, the bin removes one", async () => {
    await mount();
    await contains("[data-cell='rates/0/0']").edit("6", { confirm: "enter" });
    expect("[data-cell='rates/1/0']").toBeFocused();
    await contains("[data-cell='rates/1/0']").edit("4", { confirm: "tab" });
    await contains(".o_mlm_remove_row:first").click();
    expect(queryAllValues("[data-param=rates] input")).toEqual(["4", "-1"]);
});

test("what cannot be right shows red", async () => {
    await mount();
    expect("[data-param=own_rate] input").not.toHaveClass("is-invalid");
    for (const wrong of ["101", "-1", "much", "1.23456"]) {
        await contains("[data-param=own_rate] input").edit(wrong);
        expect("[data-param=own_rate] input").toHaveClass("is-invalid");
    }
});

test("ranks are chosen by name and kept as numbers", async () => {
    const ranked = JSON.parse(JSON.stringify(declaration));
    ranked.params[1].columns[1].choices = [[-1, "No rank needed"], [1, "Adviser"], [2, "Leader"]];
    Rule._records = [
        { id: 1, params: { rates: [{ rate: "5", min_rank: 7 }, { rate: "3" }] }, params_declaration: ranked },
    ];
    onRpc("mlm.plan.rule", "web_save", ({ args }) => {
        expect(args[1].params.rates).toEqual([{ rate: "5", min_rank: 7 }, { rate: "3", min_rank: 2 }]);
        expect.step("save");
    });
    await mount();
    expect("[data-cell='rates/0/1']").toHaveValue("7");
    expect("[data-cell='rates/1/1']").toHaveValue("-1");
    await contains("[data-cell='rates/1/1']").select("2");
    await contains(".o_form_button_save").click();
    expect.verifySteps(["save"]);
});

test("read only it is plain text", async () => {
    await mount('readonly="1"');
    expect(".o_mlm_rule_params input").toHaveCount(0);
    expect(".o_mlm_rule_params select").toHaveCount(0);
    expect("[data-param=own_rate] .o_mlm_param_text").toHaveText("0 %");
    expect("[data-param=compression] .o_mlm_param_text").toHaveText("None");
    expect(queryAllTexts("[data-param=rates] tbody td")).toEqual(["1", "5 %", "–"]);
});
