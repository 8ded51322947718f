import { registry } from "@web/core/registry";

/** From the contact: another sponsor, with reason and preview. */
const change = (...choose) => [
    { content: "The network", trigger: ".o_notebook .nav-link[name='mlm_network']", run: "click" },
    { content: "Change the sponsor", trigger: "button[name='action_mlm_change']:contains('Change Sponsor')", run: "click" },
    { content: "Why", trigger: ".modal .o_field_widget[name='reason'] input", run: "edit Moved to another town" },
    ...choose,
    {
        content: "Who moves is shown before anything happens",
        trigger: ".modal .o_field_widget[name='preview']:contains('Low: from Mid to Side (agents below: 1)')",
    },
    { content: "It needs a second person", trigger: ".modal button:contains('Ask for Approval'):visible", run: "click" },
    { trigger: "body:not(:has(.modal))" },
];
const SPONSOR = ".modal .o_field_widget[name='sponsor_id'] input";

registry.category("web_tour.tours").add("mlm_network_change", {
    steps: () =>
        change(
            { content: "The new sponsor", trigger: SPONSOR, run: "edit Side" },
            { trigger: ".o-autocomplete--dropdown-item:contains('Side')", run: "click" }
        ),
});

registry.category("web_tour.tours").add("mlm_network_change_phone", {
    steps: () =>
        change(
            { content: "The new sponsor", trigger: SPONSOR, run: "click" },
            { trigger: ".o_kanban_record:contains('Side')", run: "click" }
        ),
});

registry.category("web_tour.tours").add("mlm_network_change_approve", {
    steps: () => [
        {
            trigger: ".o_list_view .o_data_row:contains('Low'):contains('To Approve') .o_data_cell[name='reason']",
            run: "click",
        },
        { trigger: ".o_form_view .o_field_widget[name='preview']:contains('Low: from Mid to Side (agents below: 1)')" },
        { trigger: "button[name='action_approve']:visible", run: "click" },
        { trigger: ".o_form_view .o_field_widget[name='result']:contains('Low: from Mid to Side (agents below: 1)')" },
    ],
});
