// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import Foundation
internal import GibbonSchema
internal import GibbonStore

/// `/status` and, on the Status API, `/status/ready`.
struct StatusEndpoints: Sendable {
  let node: any AdminNode
  let access: DataAccess

  private static let object: JSONObject = ["type": "object"]

  var status: [Endpoint] {
    [
      Endpoint(
        "/status", group: "node",
        [Operation("GET", "Health of this node", output: .value(Self.object)) { try await self.status($0) }]),
      Endpoint(
        "/status/dns", group: "node",
        [
          Operation("GET", "What is known of names", output: .value(Self.object)) { _ in
            guard let names = await self.node.nameStatus() else {
              throw AdminError(501, "not implemented with the legacy DNS client")
            }
            return .json(names)
          }
        ]),
    ]
  }

  var ready: Endpoint {
    Endpoint(
      "/status/ready", group: "node",
      [
        Operation("GET", "Whether requests should be sent here", output: .message) { _ in
          let reason = await self.node.unreadiness()
          var object: JSONObject = ["message": .string(reason ?? "ready")]
          if let condition = await self.node.datastoreCondition() {
            object["database"] = ["condition": .string(condition)]
          }
          return .json(object, status: reason == nil ? 200 : 503)
        },
        Operation(
          "POST", "Say that requests should go elsewhere, or come here again", input: .value(Self.object), status: 204
        ) { request in
          switch try request.arguments()["status"]?.stringValue {
          case "draining": await self.node.beginDraining()
          // Kong cannot take it back.
          case "ready": await self.node.endDraining()
          default: throw AdminError(400, "expected status=draining or status=ready")
          }
          return .noContent
        },
      ])
  }

  private func status(_ request: AdminRequest) async throws -> AdminResponse {
    let memory = try MemoryText(request)
    let traffic = await self.node.traffic()
    let active = JSONValue.int(Int64(traffic.activeConnections))
    let accepted = JSONValue.int(Int64(traffic.acceptedConnections))
    var object: JSONObject = [
      "memory": [
        "workers_lua_vms": [
          [
            "pid": .int(Int64(self.node.facts.processID)),
            "http_allocated_gc": memory.value(ProcessMemory.residentBytes),
          ]
        ],
        "lua_shared_dicts": [:],
      ],
      "server": [
        "connections_active": active, "connections_reading": 0, "connections_writing": active,
        "connections_waiting": 0, "connections_accepted": accepted, "connections_handled": accepted,
        "total_requests": .int(Int64(traffic.requests)),
      ],
    ]
    let served = await self.node.served()
    if let isReachable = await self.node.isDatastoreReachable() {
      var database: JSONObject = ["reachable": .bool(isReachable)]
      if let condition = await self.node.datastoreCondition() { database["condition"] = .string(condition) }
      object["database"] = .object(database)
    } else {
      object["configuration_hash"] = .string(served.hash)
    }
    object["configuration"] = [
      "hash": .string(served.hash), "revision": served.revision.map { .int($0) } ?? .null,
      "age_seconds": .double(max(0, Date().timeIntervalSince1970 - served.since).rounded()),
    ]
    return .json(object)
  }
}

/// Amounts of memory in the unit and precision a request asks for.
private struct MemoryText {
  private let unit: Character
  private let scale: Int

  init(_ request: AdminRequest) throws(AdminError) {
    let text = request.argument("unit") ?? "m"
    guard let unit = text.lowercased().first, text.count == 1, "bkmg".contains(unit) else {
      throw AdminError(400, "invalid unit '\(text)' (expected 'k/K', 'm/M', or 'g/G')")
    }
    let scale = request.argument("scale").flatMap { Int($0) } ?? 2
    guard scale >= 0 else { throw AdminError(400, "scale must be equal or greater than 0") }
    self.unit = unit
    self.scale = min(scale, 15)
  }

  func value(_ bytes: Int) -> JSONValue {
    let (divisor, name): (Double, String) =
      switch self.unit {
      case "k": (1024, "KiB")
      case "g": (1_073_741_824, "GiB")
      case "m": (1_048_576, "MiB")
      default: (1, "")
      }
    if name.isEmpty { return .int(Int64(bytes)) }
    return .string(String(format: "%.\(self.scale)f \(name)", Double(bytes) / divisor))
  }
}
