import { registry } from "@web/core/registry";

registry.category("web_tour.tours").add("mlm_commission_gallery", {
    steps: () => [
        {
            content: "Each card shows the picture of its example",
            trigger: ".o_kanban_record:contains(Cleaning products) svg",
        },
        {
            content: "Read the rules and the example",
            trigger: ".o_kanban_record:contains(Cleaning products) footer a",
            run: "click",
        },
        {
            content: "The example has figures",
            trigger: ".o_form_view .o_mlm_simulation tfoot:contains(117.97)",
        },
        {
            content: "Use the plan",
            trigger: ".o_statusbar_buttons button[name=action_use]",
            run: "click",
        },
        {
            content: "It is a draft whose example follows the rules: 20 % for Dan",
            trigger: ".o_mlm_example tr:contains(Dan) td:contains(/^20.00$/)",
        },
        {
            content: "Open its rule",
            trigger: ".o_field_widget[name=rule_ids] .o_kanban_record:contains(Levels)",
            run: "click",
        },
        {
            content: "Pay the seller more",
            trigger: ".modal [data-param=own_rate] input",
            run: "edit 25 && press Tab",
        },
        {
            trigger: ".modal .o_field_widget[name=explanation]:contains('25 %')",
        },
        {
            trigger: ".modal .o_form_button_save",
            run: "click",
        },
        {
            content: "The example shows it before the plan is saved",
            trigger: "body:not(:has(.modal)) .o_mlm_example tr:contains(Dan) td:contains(/^25.00$/)",
        },
        {
            content: "Let it pay",
            trigger: "button[name=action_activate]",
            run: "click",
        },
        {
            trigger: ".o_statusbar_status .o_arrow_button_current:contains(Active)",
        },
    ],
});
