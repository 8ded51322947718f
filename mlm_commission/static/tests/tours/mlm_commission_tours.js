import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_utils";

registry.category("web_tour.tours").add("mlm_commission_plan", {
    steps: () => [
        {
            content: "Name the plan",
            trigger: ".o_field_widget[name=name] input",
            run: "edit Two levels",
        },
        {
            content: "Add a rule",
            trigger: ".o_field_widget[name=rule_ids] .o-kanban-button-new",
            run: "click",
        },
        {
            content: "Levels are declared with a table of rates",
            trigger: ".modal .o_field_widget[name=kind] input",
            run: "click",
        },
        {
            trigger: ".o_select_menu_item:contains(/^Levels$/)",
            run: "click",
        },
        {
            trigger: ".modal [data-param=rates]",
        },
        {
            content: "Name the rule",
            trigger: ".modal .o_field_widget[name=name] input",
            run: "edit Upline",
        },
        {
            content: "The seller's own rate",
            trigger: ".modal [data-param=own_rate] input",
            run: "edit 10 && press Tab",
        },
        {
            trigger: ".modal .o_field_widget[name=params] [data-param=own_rate] input:value(10)",
        },
        {
            content: "A first level",
            trigger: ".modal [data-param=rates] .o_mlm_add_row",
            run: "click",
        },
        {
            content: "Enter opens the next row",
            trigger: ".modal [data-cell='rates/0/0']",
            run: "edit 5 && press Enter",
        },
        {
            content: "A decimal comma is understood",
            trigger: ".modal [data-cell='rates/1/0']",
            run: "edit 2,5 && press Tab",
        },
        {
            content: "The sentence follows",
            trigger: ".modal .o_field_widget[name=explanation]:contains('5 / 2.5 %')",
        },
        {
            content: "Passed over when inactive",
            trigger: ".modal [data-param=compression] select",
            run: "select standard",
        },
        {
            trigger: ".modal .o_field_widget[name=explanation]:contains('passed over')",
        },
        {
            content: "Keep the rule",
            trigger: ".modal .o_form_button_save",
            run: "click",
        },
        {
            content: "The plan reads like a sentence",
            trigger: "body:not(:has(.modal)) .o_mlm_rule_cards .o_kanban_record:contains('Upline'):contains('5 / 2.5 %')",
        },
        {
            content: "Put it to use",
            trigger: "button[name=action_activate]",
            run: "click",
        },
        {
            trigger: ".o_statusbar_status button.o_arrow_button_current:contains('Active')",
        },
    ],
});

registry.category("web_tour.tours").add("mlm_commission_settle", {
    steps: () => [
        {
            content: "Calculate the month",
            trigger: "button[name=action_calculate]",
            run: "click",
        },
        {
            trigger: ".o_statusbar_status button.o_arrow_button_current:contains('Calculated')",
        },
        {
            content: "Look at who earns what",
            trigger: "button[name=action_commissions]",
            run: "click",
        },
        {
            content: "Open Cleo's commission",
            trigger: ".o_data_row .o_data_cell[name=beneficiary_id]:contains('Cleo')",
            run: "click",
        },
        {
            content: "It says why: 7 % of 1,000",
            trigger: ".o_form_view .o_mlm_walk .o_mlm_own:contains('Cleo'):contains('70.00')",
        },
        {
            content: "Everybody above and below stands in the picture",
            trigger: ".o_mlm_walk > li:first-child:contains('Anna')",
        },
        {
            content: "Back to the period",
            trigger: ".o_breadcrumb a:contains(March 2024), .o_breadcrumb .o_back_button a:contains(March 2024)",
            run: "click",
        },
        {
            content: "To close it is not the officer's",
            trigger: ".o_form_statusbar:not(:has(button[name=action_close])) button[name=action_calculate]",
        },
    ],
});

registry.category("web_tour.tours").add("mlm_commission_close", {
    steps: () => [
        {
            content: "Close it",
            trigger: "button[name=action_close]",
            run: "click",
        },
        {
            content: "Yes, for good",
            trigger: ".modal-footer .btn-primary",
            run: "click",
        },
        {
            trigger: ".o_statusbar_status button.o_arrow_button_current:contains('Closed')",
        },
        {
            content: "Every agent has a statement",
            trigger: "button[name=action_statements]:contains('4'):contains('300.00')",
        },
    ],
});

registry.category("web_tour.tours").add("mlm_commission_bill", {
    steps: () => [
        stepUtils.showAppsMenuItem(),
        {
            content: "Accounting",
            trigger: ".o_app[data-menu-xmlid='account.menu_finance']",
            run: "click",
        },
        {
            trigger: "[data-menu-xmlid='account.menu_finance_payables']",
            run: "click",
        },
        {
            content: "Agent statements among the vendors' papers",
            trigger: "[data-menu-xmlid='mlm_commission.menu_account_statement']",
            run: "click",
        },
        {
            content: "Open Anna's",
            trigger: ".o_data_row .o_data_cell[name=agent_id]:contains('Anna')",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name=payable]:contains('100.00')",
        },
        {
            content: "Make the bill",
            trigger: "button[name=action_bill]",
            run: "click",
        },
        {
            content: "It is a bill to Anna",
            trigger: ".o_form_view .o_field_widget[name=invoice_line_ids]",
        },
        {
            trigger: ".o_form_view .o_field_widget[name=partner_id] input:value(Anna)",
        },
    ],
});

registry.category("web_tour.tours").add("mlm_commission_portal", {
    steps: () => [
        {
            content: "The statements stand on the first page",
            trigger: ".o_portal_docs a[href='/my/statements']",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "Open the only one",
            trigger: "table a[href^='/my/statements/']:contains('2024-03')",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "What is paid",
            trigger: ".o_mlm_portal_statement .card-body:contains('80.00')",
        },
        {
            content: "It can be printed, and taken along as a table",
            trigger: "a[href*='report_type=pdf']",
        },
        {
            trigger: "a[href$='/commissions.xlsx'], a[href*='/commissions.xlsx?']",
        },
        {
            content: "Choose a commission",
            trigger: "details[open] .o_mlm_portal_commission:contains('sold by D.')",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "It says why",
            trigger: ".o_mlm_walk .o_mlm_own:contains('You'):contains('80.00')",
        },
        {
            content: "Nothing runs out of the screen; how wide Odoo's header is, follows from the fonts",
            trigger: ".o_mlm_walk",
            run() {
                const main = document.querySelector("main");
                const width = Math.max(main.scrollWidth, main.getBoundingClientRect().right);
                if (width > window.innerWidth) {
                    throw new Error(`The page is ${width} wide on a screen of ${window.innerWidth}`);
                }
            },
        },
        {
            content: "Whoever stands above is not named",
            trigger: ".o_mlm_walk:not(:contains('Anna'))",
        },
    ],
});
