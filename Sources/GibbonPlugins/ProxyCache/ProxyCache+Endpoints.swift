// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonModel
public import GibbonPluginAPI
internal import GibbonSchema

/// The Admin API's view of what is kept. Only this node's: each has its own memory.
extension ProxyCachePlugin {
  public static var endpoints: [PluginEndpoint] {
    let (one, ofPlugin) = ("/proxy-cache/:cache_key", "/proxy-cache/:plugin_id/caches/:cache_key")
    return [
      PluginEndpoint("DELETE", "/proxy-cache", summary: "Forget all cached responses", contentType: nil) { request in
        for store in try await Self.stores(request) { store.removeAll() }
        return .init(status: 204)
      },
      PluginEndpoint("GET", one, summary: "Read a cached response") { try await Self.read($0) },
      PluginEndpoint("DELETE", one, summary: "Forget a cached response", contentType: nil) {
        try await Self.forget($0)
      },
      PluginEndpoint("GET", ofPlugin, summary: "Read a cached response of a plugin") { try await Self.read($0) },
      PluginEndpoint("DELETE", ofPlugin, summary: "Forget a cached response of a plugin", contentType: nil) {
        try await Self.forget($0)
      },
    ]
  }

  private static func read(_ request: PluginEndpoint.Request) async throws -> PluginEndpoint.Response {
    guard let key = request.parameters["cache_key"].flatMap({ CacheKey($0) }) else { return .init(status: 404) }
    for store in try await self.stores(request) {
      if let response = store.response(at: key, now: request.unixSeconds) { return .init(response.shown) }
    }
    return .init(status: 404)
  }

  private static func forget(_ request: PluginEndpoint.Request) async throws -> PluginEndpoint.Response {
    guard let key = request.parameters["cache_key"].flatMap({ CacheKey($0) }) else { return .init(status: 404) }
    for store in try await self.stores(request) where store.remove(key, now: request.unixSeconds) {
      return .init(status: 204)
    }
    return .init(status: 404)
  }

  /// Those that the plugins use, or the one that is asked about. Each once.
  private static func stores(_ request: PluginEndpoint.Request) async throws -> [CacheStore] {
    var plugins = try await request.entities(of: Self.descriptor.name)
    if let id = request.parameters["plugin_id"] {
      guard let id = EntityID(id) else { return [] }
      plugins.removeAll { $0.id != id }
    }
    let names = Set(plugins.compactMap { $0.config["memory"]?["dictionary_name"]?.stringValue })
    return names.sorted().compactMap { CacheDictionaries.store(named: $0) }
  }
}
