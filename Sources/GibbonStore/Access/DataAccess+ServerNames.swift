// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonModel
internal import GibbonSchema

/// Certificates list the server names that are theirs as `snis`, which are entities of their own.
extension DataAccess {
  /// The names that a certificate is given are different ones, and no other certificate's.
  ///
  /// - Parameter own: the certificate's id, where it is known.
  func checkNames(_ input: JSONObject, of own: String?, _ workspace: EntityID) async throws(DataError) {
    var seen: Set<String> = []
    let names = (input["snis"]?.arrayValue ?? []).compactMap(\.stringValue)
    for name in names where !seen.insert(name).inserted {
      throw .schemaViolation("snis", "\(name) is duplicated")
    }
    for name in names {
      let address = try self.address(of: name, in: SNIsSchema.schema)
      guard let other = try await self.stored(address, in: SNIsSchema.schema, workspace: workspace) else { continue }
      let owner = other.object["certificate"]?["id"]?.stringValue ?? ""
      if owner != own {
        throw .schemaViolation("snis", "\(name) already associated with existing certificate '\(owner)'")
      }
    }
  }

  /// The names of a certificate, sorted.
  func serverNames(of certificate: String) async throws(DataError) -> [String] {
    try await self.serverNameEntities(of: certificate).map(\.name).sorted()
  }

  func serverNameEntities(of certificate: String) async throws(DataError) -> [(id: String, name: String)] {
    var request = PageRequest(size: 1000, parent: .init(field: "certificate", id: certificate))
    var found: [(id: String, name: String)] = []
    repeat {
      let wanted = request
      let page = try await self.reading { (store) throws(StoreError) in
        try await store.page(wanted, of: SNIsSchema.schema)
      }
      found += page.entities.map { ($0.key(SNIsSchema.schema), $0.object["name"]?.stringValue ?? "") }
      request.after = page.next
    } while request.after != nil
    return found
  }

  /// The writes that give a certificate the names of its draft: those it lacks are made, the others deleted.
  func serverNameWrites(
    for draft: Draft, replacing existing: StoredEntity?, _ schema: EntitySchema
  ) async throws(DataError) -> [EntityWrite] {
    // A patch that does not name them leaves them.
    if let given = draft.given, !given.contains("snis") { return [] }
    let id = draft.object["id"]?.stringValue ?? ""
    let wanted = (draft.object["snis"]?.arrayValue ?? []).compactMap(\.stringValue)
    let present = existing == nil ? [] : try await self.serverNameEntities(of: id)
    let (kept, known) = (Set(wanted), Set(present.map(\.name)))
    var writes: [EntityWrite] = present.filter { !kept.contains($0.name) }
      .map { .delete(SNIsSchema.schema, id: $0.id) }
    for name in wanted where !known.contains(name) {
      let workspace = draft.workspace ?? Workspace.defaultID
      let input: JSONObject = ["name": .string(name), "certificate": ["id": .string(id)]]
      switch self.validator.validate(object: input, as: SNIsSchema.schema) {
      case .failure(let failure): throw .schemaViolation(failure)
      case .success(let object):
        writes.append(.insert(SNIsSchema.schema, StoredEntity(object, workspace: workspace)))
      }
    }
    return writes
  }
}
