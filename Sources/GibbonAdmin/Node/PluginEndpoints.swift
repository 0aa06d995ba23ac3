// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import Foundation
internal import GibbonCore
internal import GibbonModel
internal import GibbonPluginAPI
internal import GibbonSchema
internal import GibbonStore

/// What plugins add to the API.
struct PluginEndpoints: Sendable {
  let node: any AdminNode
  let access: DataAccess
  let endpoints: [PluginEndpoint]

  /// All of them.
  var admin: [Endpoint] { self.grouped(self.endpoints) }

  /// Those that the Status API has too.
  var status: [Endpoint] { self.grouped(self.endpoints.filter(\.isOnStatusAPI)) }

  private func grouped(_ endpoints: [PluginEndpoint]) -> [Endpoint] {
    Dictionary(grouping: endpoints, by: \.path).sorted { $0.key < $1.key }.map { path, endpoints in
      Endpoint(path, group: "plugins", endpoints.map { self.operation($0) })
    }
  }

  private func operation(_ endpoint: PluginEndpoint) -> Operation {
    let output: Operation.Shape =
      switch endpoint.contentType {
      case nil: .none
      case PluginEndpoint.Response.json?: .value(["type": "object"])
      case let type?: .text(type)
      }
    return Operation(
      endpoint.method, endpoint.summary, output: output, status: endpoint.contentType == nil ? 204 : 200
    ) { request in
      let report = await self.report()
      let response = try await endpoint.handle(
        .init(
          parameters: request.parameters, node: report, unixSeconds: Int(clamping: Date().timeIntervalSince1970),
          find: self.entities))
      var answer = AdminResponse(status: response.status)
      answer.contentType = response.contentType
      answer.body = response.body
      return answer
    }
  }

  @Sendable
  private func entities(of plugin: String) async throws -> [PluginEntity] {
    guard let schema = self.access.registry.schema(named: PluginEntity.collection) else { return [] }
    var found: [PluginEntity] = []
    var page = PageRequest(size: Paging.maxSize)
    repeat {
      let (entities, next) = try await self.access.page(page, of: schema)
      found += entities.filter { $0["name"]?.stringValue == plugin }.compactMap { PluginEntity(validated: $0) }
      page.after = next
    } while page.after != nil
    return found
  }

  private func report() async -> NodeReport {
    let (facts, traffic) = (self.node.facts, await self.node.traffic())
    return NodeReport(
      nodeID: facts.nodeID, hostname: facts.hostname, kongVersion: facts.kongVersion, processID: facts.processID,
      activeConnections: traffic.activeConnections, acceptedConnections: traffic.acceptedConnections,
      requests: traffic.requests, isDatastoreReachable: await self.node.isDatastoreReachable(),
      residentBytes: ProcessMemory.residentBytes, targets: await self.node.targetReports())
  }
}

/// What this process takes of the machine.
enum ProcessMemory {
  static var residentBytes: Int {
    guard let text = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8) else { return 0 }
    let fields = text.split(separator: " ")
    return fields.count > 1 ? (Int(fields[1]) ?? 0) * Int(sysconf(Int32(_SC_PAGESIZE))) : 0
  }
}
