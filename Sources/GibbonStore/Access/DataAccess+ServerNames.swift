// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonModel
internal import GibbonSchema

/// Certificates list the server names that are theirs as `snis`, which are entities of their own.
extension DataAccess {
  func checkDuplicateNames(_ input: JSONObject) throws(DataError) {
    var seen: Set<String> = []
    for name in (input["snis"]?.arrayValue ?? []).compactMap(\.stringValue) where !seen.insert(name).inserted {
      throw .schemaViolation("snis", "\(name) is duplicated")
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
    var writes: [EntityWrite] = present.filter { !wanted.contains($0.name) }
      .map { .delete(SNIsSchema.schema, id: $0.id) }
    for name in wanted where !present.contains(where: { $0.name == name }) {
      let address = EntityAddress.key(field: "name", value: name)
      let workspace = draft.workspace ?? Workspace.defaultID
      if let other = try await self.stored(address, in: SNIsSchema.schema, workspace: workspace) {
        let owner = other.object["certificate"]?["id"]?.stringValue ?? ""
        throw .schemaViolation("snis", "\(name) already associated with existing certificate '\(owner)'")
      }
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
