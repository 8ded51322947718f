import { registry } from "@web/core/registry";
import { inputFiles } from "@web/../tests/utils";

const HEADER = "Agent Code,Name,Sponsor's Code,Agent State,Place Since";
const BELOW = "T-3,Third Tour,T-2,Active,2024-03-01";
const WRONG = [HEADER, BELOW, "T-2,Second Tour,NOWHERE,Active,2024-02-01", "T-1,First Tour,,Active,2024-01-01"];
// in any order, and one of them with a history
const RIGHT = [
    HEADER,
    BELOW,
    "T-2,Second Tour,T-1,Active,2024-02-01",
    "T-3,Third Tour,T-1,Active,2025-01-01",
    "T-1,First Tour,,Active,2024-01-01",
];

function csv(lines) {
    return new File([lines.join("\n")], "network.csv", { type: "text/csv" });
}

const open = () => [
    { content: "The cog", trigger: ".o_cp_action_menus .o-dropdown:has(.fa-cog)", run: "click" },
    { content: "Import", trigger: ".o_import_menu", run: "click" },
];

const load = (file) => ({
    content: "A file",
    trigger: ".o_control_panel:contains('Data File')",
    async run() {
        await inputFiles(".o_control_panel input[type=file]", [await file()]);
    },
});

const press = (label) => ({ trigger: `.o_control_panel button:contains(/^${label}$/):enabled`, run: "click" });

const valid = { content: "Everything is right", trigger: ".o_import_data_content .alert:contains('Everything seems valid')" };

registry.category("web_tour.tours").add("mlm_network_import", {
    steps: () => [
        ...open(),
        { content: "A template is offered", trigger: "a:contains('Import Template for a Network')" },
        load(() => csv(WRONG)),
        { content: "The columns are found by their names", trigger: ".o_import_data_content tr:contains(\"Sponsor's Code\")" },
        press("Test"),
        {
            content: "The row that is wrong is named",
            trigger:
                ".o_import_data_content .alert:contains('T-2: there is no sponsor with the code NOWHERE, neither in this file nor among the contacts')",
        },
        load(() => csv(RIGHT)),
        press("Test"),
        valid,
        press("Import"),
        { content: "There they are", trigger: ".o_list_view .o_data_row:contains('Third Tour')" },
    ],
});

registry.category("web_tour.tours").add("mlm_network_import_again", {
    steps: () => [
        ...open(),
        load(() => csv(RIGHT)),
        press("Import"),
        { trigger: ".o_list_view .o_data_row:contains('Third Tour')" },
    ],
});

registry.category("web_tour.tours").add("mlm_network_import_xlsx", {
    steps: () => [
        ...open(),
        load(async () => {
            const response = await fetch("/mlm_network/static/xls/network_import_template.xlsx");
            return new File([await response.blob()], "network.xlsx", {
                type: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            });
        }),
        press("Test"),
        valid,
        press("Import"),
        { trigger: ".o_list_view .o_data_row:contains('Anna Example')" },
    ],
});
