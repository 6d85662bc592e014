//! The CRM's answers to the methods of the protocol, in both eras.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rmcp::model::{
    CacheScope, CallToolRequestParams, CallToolResponse, GetPromptRequestParams, GetPromptResponse,
    GetPromptResult, Implementation, ListPromptsResult, ListResourceTemplatesResult,
    ListResourcesResult, ListToolsResult, PaginatedRequestParams, PromptMessage,
    ReadResourceRequestParams, ReadResourceResponse, ReadResourceResult, ResourceContents, Role,
    ServerConfig, Tool,
};
use rmcp::service::RequestContext;
use rmcp::{ErrorData, RoleServer, ServerHandler};
use serde_json::{Value, json};

use super::store::Store;
use super::tools;
use crate::catalogue::Catalogue;

/// The lists never change while the server runs.
const LIST_TTL_MS: u64 = 60_000;
const REFUND_POLICY: &str = "# Refunds\n\n- Up to 100.00 a member of support decides.\n\
                             - Above that, finance decides.\n- Never to another card.\n";

/// One session or request; the state is shared by all.
pub(super) struct Crm {
    catalogue: Arc<Catalogue>,
    store: Arc<Mutex<Store>>,
}

impl Crm {
    pub(super) fn new(catalogue: Arc<Catalogue>, store: Arc<Mutex<Store>>) -> Self {
        Self { catalogue, store }
    }

    fn store(&self) -> MutexGuard<'_, Store> {
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn resource(&self, uri: &str) -> Option<ResourceContents> {
        if uri == "crm://policies/refunds" {
            return Some(
                ResourceContents::text(REFUND_POLICY, uri).with_mime_type("text/markdown"),
            );
        }
        let store = self.store();
        let value = match uri.strip_prefix("crm://customers/") {
            Some(id) => json!(store.customer(id).ok()?),
            None if uri == "crm://reports/overview" => store.overview(),
            None => return None,
        };
        Some(ResourceContents::text(value.to_string(), uri).with_mime_type("application/json"))
    }

    fn prompt(&self, call: &GetPromptRequestParams) -> Result<String, String> {
        let argument = |name: &str| {
            let value = call
                .arguments
                .as_ref()
                .and_then(|all| all.get(name)?.as_str());
            value
                .map(str::to_owned)
                .ok_or_else(|| format!("{} needs {name}", call.name))
        };
        match call.name.as_str() {
            "summarise_customer" => {
                let id = argument("id")?;
                let customer = json!(self.store().customer(&id)?);
                Ok(format!(
                    "Summarise this customer in three sentences:\n{customer}"
                ))
            }
            "refund_letter" => {
                let invoice = argument("invoice")?;
                let tone = argument("tone").unwrap_or_else(|_| "plain".to_owned());
                Ok(format!(
                    "Write a letter in a {tone} tone about the refund of {invoice}."
                ))
            }
            name => Err(format!("there is no prompt {name}")),
        }
    }
}

impl ServerHandler for Crm {
    fn get_info(&self) -> ServerConfig {
        ServerConfig::new(self.catalogue.lists.capabilities.clone())
            .with_server_info(Implementation::new(
                "varistor-crm",
                env!("CARGO_PKG_VERSION"),
            ))
            .with_instructions("Customers, invoices and refunds. All people are invented.")
    }

    async fn list_tools(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        let result = ListToolsResult::with_all_items(self.catalogue.tools.clone());
        Ok(result
            .with_ttl_ms(LIST_TTL_MS)
            .with_cache_scope(CacheScope::Public))
    }

    fn get_tool(&self, name: &str) -> Option<Tool> {
        self.catalogue.tool(name).cloned()
    }

    async fn call_tool(
        &self,
        call: CallToolRequestParams,
        _: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let arguments = call.arguments.map_or_else(|| json!({}), Value::Object);
        match tools::call(&mut self.store(), &call.name, &arguments) {
            Some(result) => Ok(result.into()),
            None => Err(ErrorData::invalid_params(
                format!("Unknown tool: {}", call.name),
                None,
            )),
        }
    }

    async fn list_prompts(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListPromptsResult, ErrorData> {
        let result = ListPromptsResult::with_all_items(self.catalogue.lists.prompts.clone());
        Ok(result
            .with_ttl_ms(LIST_TTL_MS)
            .with_cache_scope(CacheScope::Public))
    }

    async fn get_prompt(
        &self,
        call: GetPromptRequestParams,
        _: RequestContext<RoleServer>,
    ) -> Result<GetPromptResponse, ErrorData> {
        let text = self
            .prompt(&call)
            .map_err(|message| ErrorData::invalid_params(message, None))?;
        Ok(GetPromptResult::new(vec![PromptMessage::new_text(Role::User, text)]).into())
    }

    async fn list_resources(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListResourcesResult, ErrorData> {
        let result = ListResourcesResult::with_all_items(self.catalogue.lists.resources.clone());
        Ok(result
            .with_ttl_ms(LIST_TTL_MS)
            .with_cache_scope(CacheScope::Public))
    }

    async fn list_resource_templates(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListResourceTemplatesResult, ErrorData> {
        let templates = self.catalogue.lists.templates.clone();
        let result = ListResourceTemplatesResult::with_all_items(templates);
        Ok(result
            .with_ttl_ms(LIST_TTL_MS)
            .with_cache_scope(CacheScope::Public))
    }

    async fn read_resource(
        &self,
        call: ReadResourceRequestParams,
        _: RequestContext<RoleServer>,
    ) -> Result<ReadResourceResponse, ErrorData> {
        let contents = self.resource(&call.uri).ok_or_else(|| {
            ErrorData::resource_not_found("Resource not found", Some(json!({"uri": call.uri})))
        })?;
        let result = ReadResourceResult::new(vec![contents]);
        Ok(result
            .with_ttl_ms(0)
            .with_cache_scope(CacheScope::Private)
            .into())
    }
}
