import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_utils";

registry.category("web_tour.tours").add("mlm_network_tour", {
    url: "/odoo",
    steps: () => [
        stepUtils.showAppsMenuItem(),
        {
            content: "Open the app",
            trigger: ".o_app[data-menu-xmlid='mlm_network.menu_root']",
            run: "click",
        },
        {
            content: "Create an agent",
            trigger: ".o_list_button_add",
            run: "click",
        },
        {
            trigger: ".o_form_view [name='name'] textarea:visible, .o_form_view [name='name'] input:visible",
            run: "edit Tour Recruit",
        },
        {
            trigger: ".o_notebook .nav-link[name='mlm_network']",
            run: "click",
        },
        {
            content: "Choose the sponsor by name",
            trigger: ".o_field_widget[name='mlm_sponsor_id'] input",
            run: "edit Tour Sponsor",
        },
        {
            trigger: ".ui-autocomplete .dropdown-item:contains('Tour Sponsor')",
            run: "click",
        },
        ...stepUtils.saveForm(),
        {
            content: "The place is in the history",
            trigger: ".o_field_widget[name='mlm_sponsorship_ids'] .o_data_row:contains('Tour Sponsor')",
        },
        {
            content: "A code was drawn",
            trigger: ".o_field_widget[name='mlm_agent_code'] input:value(/^A[0-9]+$/)",
        },
        {
            content: "Open the tree at the new agent",
            trigger: "button[name='action_mlm_open_tree']",
            run: "click",
        },
        {
            trigger: ".o_hierarchy_node:contains('Tour Top')",
        },
        {
            trigger: ".o_hierarchy_node:contains('Tour Sponsor')",
        },
        {
            content: "No siblings",
            trigger: ".o_hierarchy_view:has(.o_hierarchy_node:contains('Tour Recruit')):not(:has(.o_hierarchy_node:contains('Tour Sibling')))",
        },
        {
            content: "What is not shown is one click away",
            trigger: ".o_hierarchy_node:contains('Tour Sponsor') button[name='mlm_open_frontline']:contains('+30 more in list')",
            run: "click",
        },
        {
            trigger: ".o_list_view .o_data_row:contains('Tour Sibling')",
        },
        {
            content: "Back to the tree, and to the sponsor",
            trigger: ".breadcrumb .o_back_button, .o_breadcrumb .o_back_button",
            run: "click",
        },
        {
            trigger: ".o_hierarchy_node:contains('Tour Sponsor') .o_hierarchy_node_content",
            run: "click",
        },
        {
            content: "Open the downline",
            trigger: "button[name='action_mlm_open_downline']:contains('31')",
            run: "click",
        },
        {
            trigger: ".o_list_view .o_data_row:contains('Tour Recruit')",
        },
    ],
});
