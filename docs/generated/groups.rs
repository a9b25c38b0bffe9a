// Generated from specs/groups.yaml, as `build.rs` compiles it. Do not edit; run `just generated`.

/// Globus Groups
///
/// Globus Groups manages groups of identities, so that collections, indices, flows and apps can be shared
/// with all members of a group at once.
///
/// Each member of a group has a role: members take part, managers manage the members, and administrators
/// manage everything. A membership begins with an invitation, with a request to join, or by being added,
/// and has a status. Policies control who can see a group and its members.
///
/// A group may be nested in another group: its members then belong to the outer group too. A tree has at
/// most 75 such groups, and at most 4 levels below the outermost group.
///
/// Cloning is cheap: clones share their connections. Paths and documents are those of version v2 of the service.
#[derive(Clone)]
pub struct Client {
    pub(crate) core: crate::client::Core,
}
crate::client::service!(Client, SERVICE);
impl Client {
    /// List the caller's groups
    ///
    /// Returns the groups in which any of the caller's identities has a membership, as an array, each with
    /// those memberships. Only active memberships count unless `statuses` is given. The list is not paged.
    ///
    /// `GET /v2/groups/my_groups`
    ///
    /// * Scopes (any of): `urn:globus:auth:scope:groups.api.globus.org:all`, `urn:globus:auth:scope:groups.api.globus.org:view_my_groups_and_memberships`
    /// * Authenticates with a bearer token
    /// * Idempotency: idempotent
    /// * In the Python SDK: `GroupsClient.get_my_groups`
    ///
    /// Documentation: <https://groups.api.globus.org/redoc#operation/get_my_groups_and_memberships_v2_groups_my_groups_get>
    pub fn get_my_groups(&self) -> builders::GetMyGroups {
        builders::GetMyGroups {
            call: crate::call::Call::new(self.core.clone(), &operations::GET_MY_GROUPS),
            statuses: None,
        }
    }
    /// Create a group
    ///
    /// Creates a group, with the caller's effective identity as its administrator. Without `policies`, only
    /// members can see the group, only managers and administrators can see the members, and nobody can ask
    /// to join. Users with more than 1,000 active memberships cannot create groups.
    ///
    /// `POST /v2/groups` with a JSON body
    ///
    /// * Scopes (any of): `urn:globus:auth:scope:groups.api.globus.org:all`
    /// * Authenticates with a bearer token
    /// * Idempotency: not idempotent; retried only when the request provably did not arrive
    /// * In the Python SDK: `GroupsClient.create_group`
    ///
    /// Documentation: <https://groups.api.globus.org/redoc#operation/create_group_v2_groups_post>
    pub fn create_group(
        &self,
        body: impl ::std::borrow::Borrow<types::GroupCreateRequest>,
    ) -> builders::CreateGroup {
        builders::CreateGroup {
            call: crate::call::Call::new(self.core.clone(), &operations::CREATE_GROUP),
            body: crate::transport::Body::json(body.borrow()),
        }
    }
    /// Count memberships by status
    ///
    /// Returns the number of memberships by status, keyed by group ID, for each group that the caller
    /// manages or administers.
    ///
    /// `GET /v2/groups/statuses`
    ///
    /// * Scopes (any of): `urn:globus:auth:scope:groups.api.globus.org:all`, `urn:globus:auth:scope:groups.api.globus.org:view_my_groups_and_memberships`
    /// * Authenticates with a bearer token
    /// * Idempotency: idempotent
    ///
    /// Documentation: <https://groups.api.globus.org/redoc#operation/get_statuses_v2_groups_statuses_get>
    pub fn get_group_statuses(&self) -> builders::GetGroupStatuses {
        builders::GetGroupStatuses {
            call: crate::call::Call::new(
                self.core.clone(),
                &operations::GET_GROUP_STATUSES,
            ),
        }
    }
    /// Get a group
    ///
    /// Returns a group. A group with visibility `authenticated` can be seen by everyone who is logged in, a
    /// private one only by active, invited and pending members. Memberships are visible only to active
    /// members or, depending on the policies, only to managers and administrators.
    ///
    /// `GET /v2/groups/{group_id}`
    ///
    /// * Scopes (any of): `urn:globus:auth:scope:groups.api.globus.org:all`, `urn:globus:auth:scope:groups.api.globus.org:view_my_groups_and_memberships`
    /// * Authenticates with a bearer token
    /// * Idempotency: idempotent
    /// * In the Python SDK: `GroupsClient.get_group`
    ///
    /// Documentation: <https://groups.api.globus.org/redoc#operation/get_group_v2_groups__group_id__get>
    pub fn get_group(
        &self,
        group_id: impl Into<crate::types::Id>,
    ) -> builders::GetGroup {
        builders::GetGroup {
            call: crate::call::Call::new(self.core.clone(), &operations::GET_GROUP),
            group_id: {
                let value = group_id;
                value.into()
            },
            include: None,
        }
    }
    /// Update a group
    ///
    /// Updates a group. Omitted fields keep their values. Only administrators of the group may do this.
    /// `set_group_policies` and `batch_membership_action` change the policies and the members.
    ///
    /// `PUT /v2/groups/{group_id}` with a JSON body
    ///
    /// * Scopes (any of): `urn:globus:auth:scope:groups.api.globus.org:all`
    /// * Authenticates with a bearer token
    /// * Idempotency: idempotent
    /// * In the Python SDK: `GroupsClient.update_group`
    ///
    /// Documentation: <https://groups.api.globus.org/redoc#operation/update_group_v2_groups__group_id__put>
    pub fn update_group(
        &self,
        group_id: impl Into<crate::types::Id>,
        body: impl ::std::borrow::Borrow<types::GroupUpdateRequest>,
    ) -> builders::UpdateGroup {
        builders::UpdateGroup {
            call: crate::call::Call::new(self.core.clone(), &operations::UPDATE_GROUP),
            group_id: {
                let value = group_id;
                value.into()
            },
            body: crate::transport::Body::json(body.borrow()),
        }
    }
    /// Act on memberships
    ///
    /// Performs any number of actions on memberships of a group at once:
    ///
    /// - `accept`: accepts invitations of the caller's own identities,
    /// - `add`: makes identities active members,
    /// - `approve`: approves requests to join,
    /// - `change_role`: changes roles of active members,
    /// - `decline`: declines invitations of the caller's own identities,
    /// - `invite`: invites identities,
    /// - `join`: joins with the caller's own identities, if the policies allow it,
    /// - `leave`: ends active memberships of the caller's own identities,
    /// - `reject`: rejects requests to join,
    /// - `remove`: removes active and invited members,
    /// - `request_join`: asks to join with the caller's own identities.
    ///
    /// An identity may appear only once in a request; otherwise the whole request fails. The response
    /// contains the changed memberships by action and, in `errors`, the identities for which an action
    /// failed, with the reason. Adding, approving, inviting, rejecting and removing require the manager or
    /// admin role; changing roles requires admin. The last administrator of a group cannot leave.
    ///
    /// `POST /v2/groups/{group_id}` with a JSON body
    ///
    /// * Scopes (any of): `urn:globus:auth:scope:groups.api.globus.org:all`
    /// * Authenticates with a bearer token
    /// * Idempotency: not idempotent; retried only when the request provably did not arrive
    /// * In the Python SDK: `GroupsClient.batch_membership_action`
    ///
    /// Documentation: <https://groups.api.globus.org/redoc#operation/group_membership_post_actions_v2_groups__group_id__post>
    pub fn batch_membership_action(
        &self,
        group_id: impl Into<crate::types::Id>,
        body: impl ::std::borrow::Borrow<types::BatchMembershipActions>,
    ) -> builders::BatchMembershipAction {
        builders::BatchMembershipAction {
            call: crate::call::Call::new(
                self.core.clone(),
                &operations::BATCH_MEMBERSHIP_ACTION,
            ),
            group_id: {
                let value = group_id;
                value.into()
            },
            body: crate::transport::Body::json(body.borrow()),
        }
    }
    /// Delete a group
    ///
    /// Deletes a group. Only its administrators may do this. A repeated call returns 404, so after a retry
    /// a 404 may mean success.
    ///
    /// `DELETE /v2/groups/{group_id}`
    ///
    /// * Scopes (any of): `urn:globus:auth:scope:groups.api.globus.org:all`
    /// * Authenticates with a bearer token
    /// * Idempotency: idempotent
    /// * In the Python SDK: `GroupsClient.delete_group`
    ///
    /// Documentation: <https://groups.api.globus.org/redoc#operation/delete_group_v2_groups__group_id__delete>
    pub fn delete_group(
        &self,
        group_id: impl Into<crate::types::Id>,
    ) -> builders::DeleteGroup {
        builders::DeleteGroup {
            call: crate::call::Call::new(self.core.clone(), &operations::DELETE_GROUP),
            group_id: {
                let value = group_id;
                value.into()
            },
        }
    }
    /// List the groups nested in a group
    ///
    /// Returns the groups nested directly in a group. `get_group` with `include` set to `child_ids` returns
    /// just their IDs. The list is not paged.
    ///
    /// `GET /v2/groups/{group_id}/children`
    ///
    /// * Scopes (any of): `urn:globus:auth:scope:groups.api.globus.org:all`, `urn:globus:auth:scope:groups.api.globus.org:view_my_groups_and_memberships`
    /// * Authenticates with a bearer token
    /// * Idempotency: idempotent
    ///
    /// Documentation: <https://groups.api.globus.org/redoc#operation/get_children_v2_groups__group_id__children_get>
    pub fn get_group_children(
        &self,
        group_id: impl Into<crate::types::Id>,
    ) -> builders::GetGroupChildren {
        builders::GetGroupChildren {
            call: crate::call::Call::new(
                self.core.clone(),
                &operations::GET_GROUP_CHILDREN,
            ),
            group_id: {
                let value = group_id;
                value.into()
            },
            include: None,
        }
    }
    /// Get the policies of a group
    ///
    /// Returns who can see a group and its members, and who can join it and how.
    ///
    /// `GET /v2/groups/{group_id}/policies`
    ///
    /// * Scopes (any of): `urn:globus:auth:scope:groups.api.globus.org:all`, `urn:globus:auth:scope:groups.api.globus.org:view_my_groups_and_memberships`
    /// * Authenticates with a bearer token
    /// * Idempotency: idempotent
    /// * In the Python SDK: `GroupsClient.get_group_policies`
    ///
    /// Documentation: <https://groups.api.globus.org/redoc#operation/get_policies_v2_groups__group_id__policies_get>
    pub fn get_group_policies(
        &self,
        group_id: impl Into<crate::types::Id>,
    ) -> builders::GetGroupPolicies {
        builders::GetGroupPolicies {
            call: crate::call::Call::new(
                self.core.clone(),
                &operations::GET_GROUP_POLICIES,
            ),
            group_id: {
                let value = group_id;
                value.into()
            },
        }
    }
    /// Set the policies of a group
    ///
    /// Sets the policies of a group. The Python SDK always sends all of them except the timeout.
    ///
    /// `PUT /v2/groups/{group_id}/policies` with a JSON body
    ///
    /// * Scopes (any of): `urn:globus:auth:scope:groups.api.globus.org:all`
    /// * Authenticates with a bearer token
    /// * Idempotency: idempotent
    /// * In the Python SDK: `GroupsClient.set_group_policies`
    ///
    /// Documentation: <https://groups.api.globus.org/redoc#operation/update_policies_v2_groups__group_id__policies_put>
    pub fn set_group_policies(
        &self,
        group_id: impl Into<crate::types::Id>,
        body: impl ::std::borrow::Borrow<types::GroupPoliciesUpdate>,
    ) -> builders::SetGroupPolicies {
        builders::SetGroupPolicies {
            call: crate::call::Call::new(
                self.core.clone(),
                &operations::SET_GROUP_POLICIES,
            ),
            group_id: {
                let value = group_id;
                value.into()
            },
            body: crate::transport::Body::json(body.borrow()),
        }
    }
    /// Get the membership fields of the caller's identities
    ///
    /// Returns what the caller's identities filled in when they joined a group, keyed by identity ID. The
    /// `signup_fields` of a group's policies list the fields that it asks for.
    ///
    /// `GET /v2/groups/{group_id}/membership_fields`
    ///
    /// * Scopes (any of): `urn:globus:auth:scope:groups.api.globus.org:all`, `urn:globus:auth:scope:groups.api.globus.org:view_my_groups_and_memberships`
    /// * Authenticates with a bearer token
    /// * Idempotency: idempotent
    /// * In the Python SDK: `GroupsClient.get_membership_fields`
    ///
    /// Documentation: <https://groups.api.globus.org/redoc#operation/get_membership_fields_v2_groups__group_id__membership_fields_get>
    pub fn get_membership_fields(
        &self,
        group_id: impl Into<crate::types::Id>,
    ) -> builders::GetMembershipFields {
        builders::GetMembershipFields {
            call: crate::call::Call::new(
                self.core.clone(),
                &operations::GET_MEMBERSHIP_FIELDS,
            ),
            group_id: {
                let value = group_id;
                value.into()
            },
        }
    }
    /// Set the membership fields of the caller's identities
    ///
    /// Sets what the caller's identities share with a group about themselves, keyed by identity ID.
    ///
    /// `PUT /v2/groups/{group_id}/membership_fields` with a JSON body
    ///
    /// * Scopes (any of): `urn:globus:auth:scope:groups.api.globus.org:all`
    /// * Authenticates with a bearer token
    /// * Idempotency: idempotent
    /// * In the Python SDK: `GroupsClient.set_membership_fields`
    ///
    /// Documentation: <https://groups.api.globus.org/redoc#operation/put_membership_fields_v2_groups__group_id__membership_fields_put>
    pub fn set_membership_fields(
        &self,
        group_id: impl Into<crate::types::Id>,
        body: impl ::std::borrow::Borrow<
            ::std::collections::BTreeMap<String, types::MembershipFieldsUpdate>,
        >,
    ) -> builders::SetMembershipFields {
        builders::SetMembershipFields {
            call: crate::call::Call::new(
                self.core.clone(),
                &operations::SET_MEMBERSHIP_FIELDS,
            ),
            group_id: {
                let value = group_id;
                value.into()
            },
            body: crate::transport::Body::json(body.borrow()),
        }
    }
    /// Verify that a group belongs to a subscription
    ///
    /// Records the subscription that verified a group; null clears it. The caller must administer the
    /// subscription's group and, if the group was already verified, the previous subscription's group too.
    /// Administrators of the group itself can clear it with `update_group`.
    ///
    /// `PUT /v2/groups/{group_id}/subscription_admin_verified` with a JSON body
    ///
    /// * Scopes (any of): `urn:globus:auth:scope:groups.api.globus.org:all`
    /// * Authenticates with a bearer token
    /// * Idempotency: idempotent
    /// * In the Python SDK: `GroupsClient.set_subscription_admin_verified`
    ///
    /// Documentation: <https://groups.api.globus.org/redoc#operation/update_subscription_admin_verified_id_v2_groups__group_id__subscription_admin_verified_put>
    pub fn set_subscription_admin_verified(
        &self,
        group_id: impl Into<crate::types::Id>,
        body: impl ::std::borrow::Borrow<types::SubscriptionAdminVerifiedUpdate>,
    ) -> builders::SetSubscriptionAdminVerified {
        builders::SetSubscriptionAdminVerified {
            call: crate::call::Call::new(
                self.core.clone(),
                &operations::SET_SUBSCRIPTION_ADMIN_VERIFIED,
            ),
            group_id: {
                let value = group_id;
                value.into()
            },
            body: crate::transport::Body::json(body.borrow()),
        }
    }
    /// Find the group that provides a subscription
    ///
    /// Returns the ID of the group that provides a subscription, and what the subscription covers. The
    /// group's name is omitted for privacy.
    ///
    /// `GET /v2/subscription_info/{subscription_id}`
    ///
    /// * Scopes (any of): `urn:globus:auth:scope:groups.api.globus.org:all`, `urn:globus:auth:scope:groups.api.globus.org:view_my_groups_and_memberships`
    /// * Authenticates with a bearer token
    /// * Idempotency: idempotent
    /// * In the Python SDK: `GroupsClient.get_group_by_subscription_id`
    ///
    /// Documentation: <https://groups.api.globus.org/redoc#operation/get_group_by_subscription_id_v2_subscription_info__subscription_id__get>
    pub fn get_group_by_subscription_id(
        &self,
        subscription_id: impl Into<crate::types::Id>,
    ) -> builders::GetGroupBySubscriptionId {
        builders::GetGroupBySubscriptionId {
            call: crate::call::Call::new(
                self.core.clone(),
                &operations::GET_GROUP_BY_SUBSCRIPTION_ID,
            ),
            subscription_id: {
                let value = subscription_id;
                value.into()
            },
        }
    }
    /// Get the preferences of the caller's identities
    ///
    /// Returns the preferences of the caller's identities, keyed by identity ID. Currently the only
    /// preference is whether the identity can be added to groups.
    ///
    /// `GET /v2/preferences`
    ///
    /// * Scopes (any of): `urn:globus:auth:scope:groups.api.globus.org:all`, `urn:globus:auth:scope:groups.api.globus.org:view_my_groups_and_memberships`
    /// * Authenticates with a bearer token
    /// * Idempotency: idempotent
    /// * In the Python SDK: `GroupsClient.get_identity_preferences`
    ///
    /// Documentation: <https://groups.api.globus.org/redoc#operation/get_identity_set_preferences_v2_preferences_get>
    pub fn get_identity_preferences(&self) -> builders::GetIdentityPreferences {
        builders::GetIdentityPreferences {
            call: crate::call::Call::new(
                self.core.clone(),
                &operations::GET_IDENTITY_PREFERENCES,
            ),
        }
    }
    /// Set the preferences of the caller's identities
    ///
    /// Sets the preferences of the caller's identities, keyed by identity ID.
    ///
    /// `PUT /v2/preferences` with a JSON body
    ///
    /// * Scopes (any of): `urn:globus:auth:scope:groups.api.globus.org:all`
    /// * Authenticates with a bearer token
    /// * Idempotency: idempotent
    /// * In the Python SDK: `GroupsClient.set_identity_preferences`
    ///
    /// Documentation: <https://groups.api.globus.org/redoc#operation/put_identity_set_preferences_v2_preferences_put>
    pub fn set_identity_preferences(
        &self,
        body: impl ::std::borrow::Borrow<
            ::std::collections::BTreeMap<String, types::IdentityPreferencesUpdate>,
        >,
    ) -> builders::SetIdentityPreferences {
        builders::SetIdentityPreferences {
            call: crate::call::Call::new(
                self.core.clone(),
                &operations::SET_IDENTITY_PREFERENCES,
            ),
            body: crate::transport::Body::json(body.borrow()),
        }
    }
}
/// Metadata of this service.
pub(crate) static SERVICE: crate::operation::Service = crate::operation::Service {
    name: "groups",
    resource_server: "groups.api.globus.org",
    base_url: "https://groups.api.globus.org",
    version: "v2",
    default_scopes: &[
        "urn:globus:auth:scope:groups.api.globus.org:view_my_groups_and_memberships",
    ],
    operations: operations::ALL,
};
///The request and response documents of this service.
pub mod types {
    /// The role of a member in a group.
    ///
    /// - `member`: can take part.
    /// - `manager`: can also add, invite, approve and remove members.
    /// - `admin`: can do everything, including changing the group, its policies and members' roles.
    #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
    #[non_exhaustive]
    pub enum GroupRole {
        /// `member`
        Member,
        /// `manager`
        Manager,
        /// `admin`
        Admin,
        /// A value that this version does not know, as received.
        Other(String),
    }
    impl GroupRole {
        /// The value in JSON.
        pub fn as_str(&self) -> &str {
            match self {
                Self::Member => "member",
                Self::Manager => "manager",
                Self::Admin => "admin",
                Self::Other(value) => value,
            }
        }
    }
    crate::types::open_enum!(
        GroupRole { "member" => Member, "manager" => Manager, "admin" => Admin }
    );
    /// The status of a membership.
    ///
    /// - `active`: the identity is a member.
    /// - `invited`: the identity was invited and has not responded yet.
    /// - `pending`: the identity asked to join and is waiting for a response.
    /// - `rejected`: the request to join was rejected.
    /// - `removed`: the identity was a member and was removed.
    /// - `left`: the identity was a member and left.
    /// - `declined`: the identity declined the invitation.
    #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
    #[non_exhaustive]
    pub enum MembershipStatus {
        /// `active`
        Active,
        /// `invited`
        Invited,
        /// `pending`
        Pending,
        /// `rejected`
        Rejected,
        /// `removed`
        Removed,
        /// `left`
        Left,
        /// `declined`
        Declined,
        /// A value that this version does not know, as received.
        Other(String),
    }
    impl MembershipStatus {
        /// The value in JSON.
        pub fn as_str(&self) -> &str {
            match self {
                Self::Active => "active",
                Self::Invited => "invited",
                Self::Pending => "pending",
                Self::Rejected => "rejected",
                Self::Removed => "removed",
                Self::Left => "left",
                Self::Declined => "declined",
                Self::Other(value) => value,
            }
        }
    }
    crate::types::open_enum!(
        MembershipStatus { "active" => Active, "invited" => Invited, "pending" =>
        Pending, "rejected" => Rejected, "removed" => Removed, "left" => Left, "declined"
        => Declined }
    );
    /// The kind of group.
    ///
    /// - `regular`: an ordinary group.
    /// - `plus`: a group that provides a subscription.
    #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
    #[non_exhaustive]
    pub enum GroupType {
        /// `regular`
        Regular,
        /// `plus`
        Plus,
        /// A value that this version does not know, as received.
        Other(String),
    }
    impl GroupType {
        /// The value in JSON.
        pub fn as_str(&self) -> &str {
            match self {
                Self::Regular => "regular",
                Self::Plus => "plus",
                Self::Other(value) => value,
            }
        }
    }
    crate::types::open_enum!(GroupType { "regular" => Regular, "plus" => Plus });
    /// Who can see a group.
    ///
    /// - `authenticated`: everyone who is logged in.
    /// - `private`: active, invited and pending members.
    #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
    #[non_exhaustive]
    pub enum GroupVisibility {
        /// `authenticated`
        Authenticated,
        /// `private`
        Private,
        /// A value that this version does not know, as received.
        Other(String),
    }
    impl GroupVisibility {
        /// The value in JSON.
        pub fn as_str(&self) -> &str {
            match self {
                Self::Authenticated => "authenticated",
                Self::Private => "private",
                Self::Other(value) => value,
            }
        }
    }
    crate::types::open_enum!(
        GroupVisibility { "authenticated" => Authenticated, "private" => Private }
    );
    /// Who can see the memberships of a group.
    ///
    /// - `members`: all members.
    /// - `managers`: managers and administrators.
    #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
    #[non_exhaustive]
    pub enum GroupMemberVisibility {
        /// `members`
        Members,
        /// `managers`
        Managers,
        /// A value that this version does not know, as received.
        Other(String),
    }
    impl GroupMemberVisibility {
        /// The value in JSON.
        pub fn as_str(&self) -> &str {
            match self {
                Self::Members => "members",
                Self::Managers => "managers",
                Self::Other(value) => value,
            }
        }
    }
    crate::types::open_enum!(
        GroupMemberVisibility { "members" => Members, "managers" => Managers }
    );
    /// A field that a group asks new members to fill in.
    ///
    /// - `institution`: where they work or study.
    /// - `current_project_name`: the project they work on.
    /// - `address`: their address.
    /// - `city`: their city.
    /// - `state`: their state.
    /// - `country`: their country.
    /// - `address1`: the first line of their address.
    /// - `address2`: the second line of their address.
    /// - `zip`: their postal code.
    /// - `phone`: their telephone number.
    /// - `department`: their department.
    /// - `field_of_science`: their field of science.
    #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
    #[non_exhaustive]
    pub enum SignupField {
        /// `institution`
        Institution,
        /// `current_project_name`
        CurrentProjectName,
        /// `address`
        Address,
        /// `city`
        City,
        /// `state`
        State,
        /// `country`
        Country,
        /// `address1`
        Address1,
        /// `address2`
        Address2,
        /// `zip`
        Zip,
        /// `phone`
        Phone,
        /// `department`
        Department,
        /// `field_of_science`
        FieldOfScience,
        /// A value that this version does not know, as received.
        Other(String),
    }
    impl SignupField {
        /// The value in JSON.
        pub fn as_str(&self) -> &str {
            match self {
                Self::Institution => "institution",
                Self::CurrentProjectName => "current_project_name",
                Self::Address => "address",
                Self::City => "city",
                Self::State => "state",
                Self::Country => "country",
                Self::Address1 => "address1",
                Self::Address2 => "address2",
                Self::Zip => "zip",
                Self::Phone => "phone",
                Self::Department => "department",
                Self::FieldOfScience => "field_of_science",
                Self::Other(value) => value,
            }
        }
    }
    crate::types::open_enum!(
        SignupField { "institution" => Institution, "current_project_name" =>
        CurrentProjectName, "address" => Address, "city" => City, "state" => State,
        "country" => Country, "address1" => Address1, "address2" => Address2, "zip" =>
        Zip, "phone" => Phone, "department" => Department, "field_of_science" =>
        FieldOfScience }
    );
    /// The groups nested in a group.
    #[derive(Clone, Debug, PartialEq)]
    #[non_exhaustive]
    pub struct GroupChildren {
        /// The groups.
        pub children: Vec<Group>,
        /// Undocumented fields, as received or to be sent.
        pub extra: crate::types::ExtraFields,
    }
    impl ::serde::Serialize for GroupChildren {
        fn serialize<S: ::serde::Serializer>(
            &self,
            serializer: S,
        ) -> Result<S::Ok, S::Error> {
            use ::serde::ser::SerializeMap as _;
            let mut map = serializer.serialize_map(None)?;
            map.serialize_entry("children", &self.children)?;
            for (key, value) in self.extra.iter() {
                map.serialize_entry(key, value)?;
            }
            map.end()
        }
    }
    impl<'de> ::serde::Deserialize<'de> for GroupChildren {
        fn deserialize<D: ::serde::Deserializer<'de>>(
            deserializer: D,
        ) -> Result<Self, D::Error> {
            struct Visitor;
            impl<'de> ::serde::de::Visitor<'de> for Visitor {
                type Value = GroupChildren;
                fn expecting(
                    &self,
                    f: &mut ::std::fmt::Formatter<'_>,
                ) -> ::std::fmt::Result {
                    f.write_str("a GroupChildren document")
                }
                fn visit_map<A: ::serde::de::MapAccess<'de>>(
                    self,
                    mut map: A,
                ) -> Result<GroupChildren, A::Error> {
                    let mut f_children: Option<Vec<Group>> = None;
                    let mut extra = crate::types::ExtraFields::default();
                    while let Some(key) = map
                        .next_key::<crate::types::decode::Key<'de>>()?
                    {
                        match &*key {
                            "children" => f_children = Some(map.next_value()?),
                            _ => extra.keep(key, map.next_value()?),
                        }
                    }
                    Ok(GroupChildren {
                        children: crate::types::decode::required(
                            f_children,
                            "children",
                        )?,
                        extra,
                    })
                }
            }
            deserializer.deserialize_map(Visitor)
        }
    }
    /// The number of memberships of a group by status.
    #[derive(Clone, Debug, PartialEq)]
    #[non_exhaustive]
    pub struct StatusCounts {
        /// The number of members.
        pub active: Option<i64>,
        /// The number of invitations that have not been answered.
        pub invited: Option<i64>,
        /// The number of pending requests to join.
        pub pending: Option<i64>,
        /// The number of rejected requests to join.
        pub rejected: Option<i64>,
        /// The number of members who were removed.
        pub removed: Option<i64>,
        /// The number of members who left.
        pub left: Option<i64>,
        /// The number of declined invitations.
        pub declined: Option<i64>,
        /// Undocumented fields, as received or to be sent.
        pub extra: crate::types::ExtraFields,
        presence: crate::types::Presence<1usize>,
    }
    impl ::serde::Serialize for StatusCounts {
        fn serialize<S: ::serde::Serializer>(
            &self,
            serializer: S,
        ) -> Result<S::Ok, S::Error> {
            use ::serde::ser::SerializeMap as _;
            if self.presence.is_null(7usize) && self.extra.is_empty()
                && self.active.is_none() && self.invited.is_none()
                && self.pending.is_none() && self.rejected.is_none()
                && self.removed.is_none() && self.left.is_none()
                && self.declined.is_none()
            {
                return serializer.serialize_unit();
            }
            let mut map = serializer.serialize_map(None)?;
            self.presence.write(&mut map, "active", &self.active, 0usize)?;
            self.presence.write(&mut map, "invited", &self.invited, 1usize)?;
            self.presence.write(&mut map, "pending", &self.pending, 2usize)?;
            self.presence.write(&mut map, "rejected", &self.rejected, 3usize)?;
            self.presence.write(&mut map, "removed", &self.removed, 4usize)?;
            self.presence.write(&mut map, "left", &self.left, 5usize)?;
            self.presence.write(&mut map, "declined", &self.declined, 6usize)?;
            for (key, value) in self.extra.iter() {
                map.serialize_entry(key, value)?;
            }
            map.end()
        }
    }
    impl<'de> ::serde::Deserialize<'de> for StatusCounts {
        fn deserialize<D: ::serde::Deserializer<'de>>(
            deserializer: D,
        ) -> Result<Self, D::Error> {
            struct Visitor;
            impl<'de> ::serde::de::Visitor<'de> for Visitor {
                type Value = StatusCounts;
                fn expecting(
                    &self,
                    f: &mut ::std::fmt::Formatter<'_>,
                ) -> ::std::fmt::Result {
                    f.write_str("a StatusCounts document")
                }
                fn visit_map<A: ::serde::de::MapAccess<'de>>(
                    self,
                    mut map: A,
                ) -> Result<StatusCounts, A::Error> {
                    let mut f_active: Option<i64> = None;
                    let mut f_invited: Option<i64> = None;
                    let mut f_pending: Option<i64> = None;
                    let mut f_rejected: Option<i64> = None;
                    let mut f_removed: Option<i64> = None;
                    let mut f_left: Option<i64> = None;
                    let mut f_declined: Option<i64> = None;
                    let mut presence = crate::types::Presence::<1usize>::new();
                    let mut extra = crate::types::ExtraFields::default();
                    while let Some(key) = map
                        .next_key::<crate::types::decode::Key<'de>>()?
                    {
                        match &*key {
                            "active" => f_active = presence.read(&mut map, 0usize)?,
                            "invited" => f_invited = presence.read(&mut map, 1usize)?,
                            "pending" => f_pending = presence.read(&mut map, 2usize)?,
                            "rejected" => f_rejected = presence.read(&mut map, 3usize)?,
                            "removed" => f_removed = presence.read(&mut map, 4usize)?,
                            "left" => f_left = presence.read(&mut map, 5usize)?,
                            "declined" => f_declined = presence.read(&mut map, 6usize)?,
                            _ => extra.keep(key, map.next_value()?),
                        }
                    }
                    Ok(StatusCounts {
                        active: f_active,
                        invited: f_invited,
                        pending: f_pending,
                        rejected: f_rejected,
                        removed: f_removed,
                        left: f_left,
                        declined: f_declined,
                        extra,
                        presence,
                    })
                }
                fn visit_unit<E: ::serde::de::Error>(self) -> Result<StatusCounts, E> {
                    let mut document = self
                        .visit_map(crate::types::decode::no_fields())?;
                    document.presence.set_null(7usize);
                    Ok(document)
                }
            }
            deserializer.deserialize_any(Visitor)
        }
    }
    /// A group.
    #[derive(Clone, Debug, PartialEq)]
    #[non_exhaustive]
    pub struct Group {
        /// The ID of the group.
        pub id: crate::types::Uuid,
        /// The name of the group.
        pub name: Option<String>,
        /// The purpose of the group.
        pub description: Option<String>,
        /// The terms and conditions that members have agreed to.
        pub terms_and_conditions: Option<String>,
        /// The ID of the parent group. Null if there is none.
        pub parent_id: Option<crate::types::Uuid>,
        /// IDs of the groups nested in this one, including private ones. Returned if `include` has
        /// `child_ids`.
        pub child_ids: Vec<crate::types::Uuid>,
        /// The kind of group.
        pub group_type: Option<GroupType>,
        /// Whether members need a recent login to access the group.
        pub enforce_session: Option<bool>,
        /// The maximum age of that login in seconds.
        pub session_limit: Option<i64>,
        /// When the logins of the caller's session will be too old, keyed by identity ID.
        pub session_timeouts: ::std::collections::BTreeMap<String, SessionTimeout>,
        /// The memberships of the caller's identities. Returned if `include` has `my_memberships`.
        pub my_memberships: Vec<Membership>,
        /// All memberships. Returned if `include` has `memberships`.
        pub memberships: Vec<Membership>,
        /// What the caller's identities may do. Returned if `include` has `allowed_actions`.
        pub allowed_actions: Option<AllowedActions>,
        /// Who can see the group and its members, and who can join it and how. Returned if `include` has
        /// `policies`.
        pub policies: Option<GroupPolicies>,
        /// The ID of the subscription that the group provides. Null if there is none.
        pub subscription_id: Option<crate::types::Uuid>,
        /// What the subscription covers. Null if there is none.
        pub subscription_info: Option<Subscription>,
        /// The ID of the subscription that verified the group. Null if there is none.
        pub subscription_admin_verified_id: Option<crate::types::Uuid>,
        /// Undocumented fields, as received or to be sent.
        pub extra: crate::types::ExtraFields,
        presence: crate::types::Presence<3usize>,
    }
    impl ::serde::Serialize for Group {
        fn serialize<S: ::serde::Serializer>(
            &self,
            serializer: S,
        ) -> Result<S::Ok, S::Error> {
            use ::serde::ser::SerializeMap as _;
            let mut map = serializer.serialize_map(None)?;
            map.serialize_entry("id", &self.id)?;
            self.presence.write(&mut map, "name", &self.name, 0usize)?;
            self.presence.write(&mut map, "description", &self.description, 1usize)?;
            self.presence
                .write(
                    &mut map,
                    "terms_and_conditions",
                    &self.terms_and_conditions,
                    2usize,
                )?;
            self.presence.write(&mut map, "parent_id", &self.parent_id, 3usize)?;
            self.presence
                .write_collection(
                    &mut map,
                    "child_ids",
                    &self.child_ids,
                    self.child_ids.is_empty(),
                    4usize,
                )?;
            self.presence.write(&mut map, "group_type", &self.group_type, 6usize)?;
            self.presence
                .write(&mut map, "enforce_session", &self.enforce_session, 7usize)?;
            self.presence.write(&mut map, "session_limit", &self.session_limit, 8usize)?;
            self.presence
                .write_collection(
                    &mut map,
                    "session_timeouts",
                    &self.session_timeouts,
                    self.session_timeouts.is_empty(),
                    9usize,
                )?;
            self.presence
                .write_collection(
                    &mut map,
                    "my_memberships",
                    &self.my_memberships,
                    self.my_memberships.is_empty(),
                    11usize,
                )?;
            self.presence
                .write_collection(
                    &mut map,
                    "memberships",
                    &self.memberships,
                    self.memberships.is_empty(),
                    13usize,
                )?;
            self.presence
                .write(&mut map, "allowed_actions", &self.allowed_actions, 15usize)?;
            self.presence.write(&mut map, "policies", &self.policies, 16usize)?;
            self.presence
                .write(&mut map, "subscription_id", &self.subscription_id, 17usize)?;
            self.presence
                .write(&mut map, "subscription_info", &self.subscription_info, 18usize)?;
            self.presence
                .write(
                    &mut map,
                    "subscription_admin_verified_id",
                    &self.subscription_admin_verified_id,
                    19usize,
                )?;
            for (key, value) in self.extra.iter() {
                map.serialize_entry(key, value)?;
            }
            map.end()
        }
    }
    impl<'de> ::serde::Deserialize<'de> for Group {
        fn deserialize<D: ::serde::Deserializer<'de>>(
            deserializer: D,
        ) -> Result<Self, D::Error> {
            struct Visitor;
            impl<'de> ::serde::de::Visitor<'de> for Visitor {
                type Value = Group;
                fn expecting(
                    &self,
                    f: &mut ::std::fmt::Formatter<'_>,
                ) -> ::std::fmt::Result {
                    f.write_str("a Group document")
                }
                fn visit_map<A: ::serde::de::MapAccess<'de>>(
                    self,
                    mut map: A,
                ) -> Result<Group, A::Error> {
                    let mut f_id: Option<crate::types::Uuid> = None;
                    let mut f_name: Option<String> = None;
                    let mut f_description: Option<String> = None;
                    let mut f_terms_and_conditions: Option<String> = None;
                    let mut f_parent_id: Option<crate::types::Uuid> = None;
                    let mut f_child_ids: Option<Vec<crate::types::Uuid>> = None;
                    let mut f_group_type: Option<GroupType> = None;
                    let mut f_enforce_session: Option<bool> = None;
                    let mut f_session_limit: Option<i64> = None;
                    let mut f_session_timeouts: Option<
                        ::std::collections::BTreeMap<String, SessionTimeout>,
                    > = None;
                    let mut f_my_memberships: Option<Vec<Membership>> = None;
                    let mut f_memberships: Option<Vec<Membership>> = None;
                    let mut f_allowed_actions: Option<AllowedActions> = None;
                    let mut f_policies: Option<GroupPolicies> = None;
                    let mut f_subscription_id: Option<crate::types::Uuid> = None;
                    let mut f_subscription_info: Option<Subscription> = None;
                    let mut f_subscription_admin_verified_id: Option<
                        crate::types::Uuid,
                    > = None;
                    let mut presence = crate::types::Presence::<3usize>::new();
                    let mut extra = crate::types::ExtraFields::default();
                    while let Some(key) = map
                        .next_key::<crate::types::decode::Key<'de>>()?
                    {
                        match &*key {
                            "id" => f_id = Some(map.next_value()?),
                            "name" => f_name = presence.read(&mut map, 0usize)?,
                            "description" => {
                                f_description = presence.read(&mut map, 1usize)?;
                            }
                            "terms_and_conditions" => {
                                f_terms_and_conditions = presence.read(&mut map, 2usize)?;
                            }
                            "parent_id" => f_parent_id = presence.read(&mut map, 3usize)?,
                            "child_ids" => f_child_ids = presence.read(&mut map, 4usize)?,
                            "group_type" => {
                                f_group_type = presence.read(&mut map, 6usize)?;
                            }
                            "enforce_session" => {
                                f_enforce_session = presence.read(&mut map, 7usize)?;
                            }
                            "session_limit" => {
                                f_session_limit = presence.read(&mut map, 8usize)?;
                            }
                            "session_timeouts" => {
                                f_session_timeouts = presence.read(&mut map, 9usize)?;
                            }
                            "my_memberships" => {
                                f_my_memberships = presence.read(&mut map, 11usize)?;
                            }
                            "memberships" => {
                                f_memberships = presence.read(&mut map, 13usize)?;
                            }
                            "allowed_actions" => {
                                f_allowed_actions = presence.read(&mut map, 15usize)?;
                            }
                            "policies" => f_policies = presence.read(&mut map, 16usize)?,
                            "subscription_id" => {
                                f_subscription_id = presence.read(&mut map, 17usize)?;
                            }
                            "subscription_info" => {
                                f_subscription_info = presence.read(&mut map, 18usize)?;
                            }
                            "subscription_admin_verified_id" => {
                                f_subscription_admin_verified_id = presence
                                    .read(&mut map, 19usize)?;
                            }
                            _ => extra.keep(key, map.next_value()?),
                        }
                    }
                    Ok(Group {
                        id: crate::types::decode::required(f_id, "id")?,
                        name: f_name,
                        description: f_description,
                        terms_and_conditions: f_terms_and_conditions,
                        parent_id: f_parent_id,
                        child_ids: presence.collection(f_child_ids, 4usize),
                        group_type: f_group_type,
                        enforce_session: f_enforce_session,
                        session_limit: f_session_limit,
                        session_timeouts: presence
                            .collection(f_session_timeouts, 9usize),
                        my_memberships: presence.collection(f_my_memberships, 11usize),
                        memberships: presence.collection(f_memberships, 13usize),
                        allowed_actions: f_allowed_actions,
                        policies: f_policies,
                        subscription_id: f_subscription_id,
                        subscription_info: f_subscription_info,
                        subscription_admin_verified_id: f_subscription_admin_verified_id,
                        extra,
                        presence,
                    })
                }
            }
            deserializer.deserialize_map(Visitor)
        }
    }
    /// When a login will be too old for a group.
    #[derive(Clone, Debug, PartialEq)]
    #[non_exhaustive]
    pub struct SessionTimeout {
        /// When it will be too old.
        pub expire_time: Option<crate::types::Timestamp>,
        /// The number of seconds until it will be too old.
        pub expires_in: Option<i64>,
        /// Undocumented fields, as received or to be sent.
        pub extra: crate::types::ExtraFields,
        presence: crate::types::Presence<1usize>,
    }
    impl ::serde::Serialize for SessionTimeout {
        fn serialize<S: ::serde::Serializer>(
            &self,
            serializer: S,
        ) -> Result<S::Ok, S::Error> {
            use ::serde::ser::SerializeMap as _;
            if self.presence.is_null(2usize) && self.extra.is_empty()
                && self.expire_time.is_none() && self.expires_in.is_none()
            {
                return serializer.serialize_unit();
            }
            let mut map = serializer.serialize_map(None)?;
            self.presence.write(&mut map, "expire_time", &self.expire_time, 0usize)?;
            self.presence.write(&mut map, "expires_in", &self.expires_in, 1usize)?;
            for (key, value) in self.extra.iter() {
                map.serialize_entry(key, value)?;
            }
            map.end()
        }
    }
    impl<'de> ::serde::Deserialize<'de> for SessionTimeout {
        fn deserialize<D: ::serde::Deserializer<'de>>(
            deserializer: D,
        ) -> Result<Self, D::Error> {
            struct Visitor;
            impl<'de> ::serde::de::Visitor<'de> for Visitor {
                type Value = SessionTimeout;
                fn expecting(
                    &self,
                    f: &mut ::std::fmt::Formatter<'_>,
                ) -> ::std::fmt::Result {
                    f.write_str("a SessionTimeout document")
                }
                fn visit_map<A: ::serde::de::MapAccess<'de>>(
                    self,
                    mut map: A,
                ) -> Result<SessionTimeout, A::Error> {
                    let mut f_expire_time: Option<crate::types::Timestamp> = None;
                    let mut f_expires_in: Option<i64> = None;
                    let mut presence = crate::types::Presence::<1usize>::new();
                    let mut extra = crate::types::ExtraFields::default();
                    while let Some(key) = map
                        .next_key::<crate::types::decode::Key<'de>>()?
                    {
                        match &*key {
                            "expire_time" => {
                                f_expire_time = presence.read(&mut map, 0usize)?;
                            }
                            "expires_in" => {
                                f_expires_in = presence.read(&mut map, 1usize)?;
                            }
                            _ => extra.keep(key, map.next_value()?),
                        }
                    }
                    Ok(SessionTimeout {
                        expire_time: f_expire_time,
                        expires_in: f_expires_in,
                        extra,
                        presence,
                    })
                }
                fn visit_unit<E: ::serde::de::Error>(self) -> Result<SessionTimeout, E> {
                    let mut document = self
                        .visit_map(crate::types::decode::no_fields())?;
                    document.presence.set_null(2usize);
                    Ok(document)
                }
            }
            deserializer.deserialize_any(Visitor)
        }
    }
    /// Which of the caller's identities may perform which action.
    #[derive(Clone, Debug, PartialEq)]
    #[non_exhaustive]
    pub struct AllowedActions {
        /// IDs of the identities that may accept an invitation.
        pub accept: Vec<crate::types::Uuid>,
        /// IDs of the identities that may add members.
        pub add: Vec<crate::types::Uuid>,
        /// IDs of the identities that may approve requests to join.
        pub approve: Vec<crate::types::Uuid>,
        /// IDs of the identities that may change members' roles.
        pub change_role: Vec<crate::types::Uuid>,
        /// IDs of the identities that may decline an invitation.
        pub decline: Vec<crate::types::Uuid>,
        /// IDs of the identities that may invite members.
        pub invite: Vec<crate::types::Uuid>,
        /// IDs of the identities that may join.
        pub join: Vec<crate::types::Uuid>,
        /// IDs of the identities that may leave.
        pub leave: Vec<crate::types::Uuid>,
        /// IDs of the identities that may reject requests to join.
        pub reject: Vec<crate::types::Uuid>,
        /// IDs of the identities that may remove members.
        pub remove: Vec<crate::types::Uuid>,
        /// IDs of the identities that may ask to join.
        pub request_join: Vec<crate::types::Uuid>,
        /// Undocumented fields, as received or to be sent.
        pub extra: crate::types::ExtraFields,
        presence: crate::types::Presence<3usize>,
    }
    impl ::serde::Serialize for AllowedActions {
        fn serialize<S: ::serde::Serializer>(
            &self,
            serializer: S,
        ) -> Result<S::Ok, S::Error> {
            use ::serde::ser::SerializeMap as _;
            let mut map = serializer.serialize_map(None)?;
            self.presence
                .write_collection(
                    &mut map,
                    "accept",
                    &self.accept,
                    self.accept.is_empty(),
                    0usize,
                )?;
            self.presence
                .write_collection(
                    &mut map,
                    "add",
                    &self.add,
                    self.add.is_empty(),
                    2usize,
                )?;
            self.presence
                .write_collection(
                    &mut map,
                    "approve",
                    &self.approve,
                    self.approve.is_empty(),
                    4usize,
                )?;
            self.presence
                .write_collection(
                    &mut map,
                    "change_role",
                    &self.change_role,
                    self.change_role.is_empty(),
                    6usize,
                )?;
            self.presence
                .write_collection(
                    &mut map,
                    "decline",
                    &self.decline,
                    self.decline.is_empty(),
                    8usize,
                )?;
            self.presence
                .write_collection(
                    &mut map,
                    "invite",
                    &self.invite,
                    self.invite.is_empty(),
                    10usize,
                )?;
            self.presence
                .write_collection(
                    &mut map,
                    "join",
                    &self.join,
                    self.join.is_empty(),
                    12usize,
                )?;
            self.presence
                .write_collection(
                    &mut map,
                    "leave",
                    &self.leave,
                    self.leave.is_empty(),
                    14usize,
                )?;
            self.presence
                .write_collection(
                    &mut map,
                    "reject",
                    &self.reject,
                    self.reject.is_empty(),
                    16usize,
                )?;
            self.presence
                .write_collection(
                    &mut map,
                    "remove",
                    &self.remove,
                    self.remove.is_empty(),
                    18usize,
                )?;
            self.presence
                .write_collection(
                    &mut map,
                    "request_join",
                    &self.request_join,
                    self.request_join.is_empty(),
                    20usize,
                )?;
            for (key, value) in self.extra.iter() {
                map.serialize_entry(key, value)?;
            }
            map.end()
        }
    }
    impl<'de> ::serde::Deserialize<'de> for AllowedActions {
        fn deserialize<D: ::serde::Deserializer<'de>>(
            deserializer: D,
        ) -> Result<Self, D::Error> {
            struct Visitor;
            impl<'de> ::serde::de::Visitor<'de> for Visitor {
                type Value = AllowedActions;
                fn expecting(
                    &self,
                    f: &mut ::std::fmt::Formatter<'_>,
                ) -> ::std::fmt::Result {
                    f.write_str("an AllowedActions document")
                }
                fn visit_map<A: ::serde::de::MapAccess<'de>>(
                    self,
                    mut map: A,
                ) -> Result<AllowedActions, A::Error> {
                    let mut f_accept: Option<Vec<crate::types::Uuid>> = None;
                    let mut f_add: Option<Vec<crate::types::Uuid>> = None;
                    let mut f_approve: Option<Vec<crate::types::Uuid>> = None;
                    let mut f_change_role: Option<Vec<crate::types::Uuid>> = None;
                    let mut f_decline: Option<Vec<crate::types::Uuid>> = None;
                    let mut f_invite: Option<Vec<crate::types::Uuid>> = None;
                    let mut f_join: Option<Vec<crate::types::Uuid>> = None;
                    let mut f_leave: Option<Vec<crate::types::Uuid>> = None;
                    let mut f_reject: Option<Vec<crate::types::Uuid>> = None;
                    let mut f_remove: Option<Vec<crate::types::Uuid>> = None;
                    let mut f_request_join: Option<Vec<crate::types::Uuid>> = None;
                    let mut presence = crate::types::Presence::<3usize>::new();
                    let mut extra = crate::types::ExtraFields::default();
                    while let Some(key) = map
                        .next_key::<crate::types::decode::Key<'de>>()?
                    {
                        match &*key {
                            "accept" => f_accept = presence.read(&mut map, 0usize)?,
                            "add" => f_add = presence.read(&mut map, 2usize)?,
                            "approve" => f_approve = presence.read(&mut map, 4usize)?,
                            "change_role" => {
                                f_change_role = presence.read(&mut map, 6usize)?;
                            }
                            "decline" => f_decline = presence.read(&mut map, 8usize)?,
                            "invite" => f_invite = presence.read(&mut map, 10usize)?,
                            "join" => f_join = presence.read(&mut map, 12usize)?,
                            "leave" => f_leave = presence.read(&mut map, 14usize)?,
                            "reject" => f_reject = presence.read(&mut map, 16usize)?,
                            "remove" => f_remove = presence.read(&mut map, 18usize)?,
                            "request_join" => {
                                f_request_join = presence.read(&mut map, 20usize)?;
                            }
                            _ => extra.keep(key, map.next_value()?),
                        }
                    }
                    Ok(AllowedActions {
                        accept: presence.collection(f_accept, 0usize),
                        add: presence.collection(f_add, 2usize),
                        approve: presence.collection(f_approve, 4usize),
                        change_role: presence.collection(f_change_role, 6usize),
                        decline: presence.collection(f_decline, 8usize),
                        invite: presence.collection(f_invite, 10usize),
                        join: presence.collection(f_join, 12usize),
                        leave: presence.collection(f_leave, 14usize),
                        reject: presence.collection(f_reject, 16usize),
                        remove: presence.collection(f_remove, 18usize),
                        request_join: presence.collection(f_request_join, 20usize),
                        extra,
                        presence,
                    })
                }
            }
            deserializer.deserialize_map(Visitor)
        }
    }
    /// A group to create.
    #[derive(Clone, Debug, PartialEq)]
    #[non_exhaustive]
    pub struct GroupCreateRequest {
        /// The name of the group.
        pub name: String,
        /// The purpose of the group.
        pub description: Option<String>,
        /// The terms and conditions that members must agree to.
        pub terms_and_conditions: Option<String>,
        /// The ID of the parent group. The creator must administer that group.
        pub parent_id: Option<crate::types::Uuid>,
        /// Who can see the group and its members, and who can join it and how.
        pub policies: Option<GroupPoliciesUpdate>,
        /// Undocumented fields, as received or to be sent.
        pub extra: crate::types::ExtraFields,
    }
    impl GroupCreateRequest {
        /// Creates a document with its required fields. All others are unset and not sent.
        pub fn new(name: impl Into<String>) -> Self {
            Self {
                name: {
                    let value = name;
                    value.into()
                },
                description: Default::default(),
                terms_and_conditions: Default::default(),
                parent_id: Default::default(),
                policies: Default::default(),
                extra: Default::default(),
            }
        }
        /// The purpose of the group.
        #[must_use]
        pub fn description(mut self, value: impl Into<String>) -> Self {
            self.description = Some(value.into());
            self
        }
        /// The terms and conditions that members must agree to.
        #[must_use]
        pub fn terms_and_conditions(mut self, value: impl Into<String>) -> Self {
            self.terms_and_conditions = Some(value.into());
            self
        }
        /// The ID of the parent group. The creator must administer that group.
        #[must_use]
        pub fn parent_id(mut self, value: crate::types::Uuid) -> Self {
            self.parent_id = Some(value);
            self
        }
        /// Who can see the group and its members, and who can join it and how.
        #[must_use]
        pub fn policies(mut self, value: impl Into<GroupPoliciesUpdate>) -> Self {
            self.policies = Some(value.into());
            self
        }
    }
    impl ::serde::Serialize for GroupCreateRequest {
        fn serialize<S: ::serde::Serializer>(
            &self,
            serializer: S,
        ) -> Result<S::Ok, S::Error> {
            use ::serde::ser::SerializeMap as _;
            let mut map = serializer.serialize_map(None)?;
            map.serialize_entry("name", &self.name)?;
            if let Some(value) = &self.description {
                map.serialize_entry("description", value)?;
            }
            if let Some(value) = &self.terms_and_conditions {
                map.serialize_entry("terms_and_conditions", value)?;
            }
            if let Some(value) = &self.parent_id {
                map.serialize_entry("parent_id", value)?;
            }
            if let Some(value) = &self.policies {
                map.serialize_entry("policies", value)?;
            }
            for (key, value) in self.extra.iter() {
                map.serialize_entry(key, value)?;
            }
            map.end()
        }
    }
    impl<'de> ::serde::Deserialize<'de> for GroupCreateRequest {
        fn deserialize<D: ::serde::Deserializer<'de>>(
            deserializer: D,
        ) -> Result<Self, D::Error> {
            struct Visitor;
            impl<'de> ::serde::de::Visitor<'de> for Visitor {
                type Value = GroupCreateRequest;
                fn expecting(
                    &self,
                    f: &mut ::std::fmt::Formatter<'_>,
                ) -> ::std::fmt::Result {
                    f.write_str("a GroupCreateRequest document")
                }
                fn visit_map<A: ::serde::de::MapAccess<'de>>(
                    self,
                    mut map: A,
                ) -> Result<GroupCreateRequest, A::Error> {
                    let mut f_name: Option<String> = None;
                    let mut f_description: Option<String> = None;
                    let mut f_terms_and_conditions: Option<String> = None;
                    let mut f_parent_id: Option<crate::types::Uuid> = None;
                    let mut f_policies: Option<GroupPoliciesUpdate> = None;
                    let mut extra = crate::types::ExtraFields::default();
                    while let Some(key) = map
                        .next_key::<crate::types::decode::Key<'de>>()?
                    {
                        match &*key {
                            "name" => f_name = Some(map.next_value()?),
                            "description" => f_description = map.next_value()?,
                            "terms_and_conditions" => {
                                f_terms_and_conditions = map.next_value()?;
                            }
                            "parent_id" => f_parent_id = map.next_value()?,
                            "policies" => f_policies = map.next_value()?,
                            _ => extra.keep(key, map.next_value()?),
                        }
                    }
                    Ok(GroupCreateRequest {
                        name: crate::types::decode::required(f_name, "name")?,
                        description: f_description,
                        terms_and_conditions: f_terms_and_conditions,
                        parent_id: f_parent_id,
                        policies: f_policies,
                        extra,
                    })
                }
            }
            deserializer.deserialize_map(Visitor)
        }
    }
    /// The fields of a group to change.
    #[derive(Clone, Debug, PartialEq, Default)]
    #[non_exhaustive]
    pub struct GroupUpdateRequest {
        /// The name of the group.
        pub name: Option<String>,
        /// The purpose of the group. Null for none.
        pub description: crate::types::Nullable<String>,
        /// The terms and conditions that members must agree to. Null for none.
        pub terms_and_conditions: crate::types::Nullable<String>,
        /// The ID of the subscription that verified the group. Administrators of the group can only clear
        /// it, with null.
        pub subscription_admin_verified_id: crate::types::Nullable<crate::types::Uuid>,
        /// Undocumented fields, as received or to be sent.
        pub extra: crate::types::ExtraFields,
    }
    impl GroupUpdateRequest {
        /// Creates a document with its required fields. All others are unset and not sent.
        pub fn new() -> Self {
            Self {
                name: Default::default(),
                description: Default::default(),
                terms_and_conditions: Default::default(),
                subscription_admin_verified_id: Default::default(),
                extra: Default::default(),
            }
        }
        /// The name of the group.
        #[must_use]
        pub fn name(mut self, value: impl Into<String>) -> Self {
            self.name = Some(value.into());
            self
        }
        /// The purpose of the group. Null for none.
        #[must_use]
        pub fn description(mut self, value: impl Into<String>) -> Self {
            self.description = crate::types::Nullable::Value(value.into());
            self
        }
        /// Sends null for `description`, which clears it.
        #[must_use]
        pub fn clear_description(mut self) -> Self {
            self.description = crate::types::Nullable::Null;
            self
        }
        /// The terms and conditions that members must agree to. Null for none.
        #[must_use]
        pub fn terms_and_conditions(mut self, value: impl Into<String>) -> Self {
            self.terms_and_conditions = crate::types::Nullable::Value(value.into());
            self
        }
        /// Sends null for `terms_and_conditions`, which clears it.
        #[must_use]
        pub fn clear_terms_and_conditions(mut self) -> Self {
            self.terms_and_conditions = crate::types::Nullable::Null;
            self
        }
        /// The ID of the subscription that verified the group. Administrators of the group can only clear
        /// it, with null.
        #[must_use]
        pub fn subscription_admin_verified_id(
            mut self,
            value: crate::types::Uuid,
        ) -> Self {
            self.subscription_admin_verified_id = crate::types::Nullable::Value(value);
            self
        }
        /// Sends null for `subscription_admin_verified_id`, which clears it.
        #[must_use]
        pub fn clear_subscription_admin_verified_id(mut self) -> Self {
            self.subscription_admin_verified_id = crate::types::Nullable::Null;
            self
        }
    }
    impl ::serde::Serialize for GroupUpdateRequest {
        fn serialize<S: ::serde::Serializer>(
            &self,
            serializer: S,
        ) -> Result<S::Ok, S::Error> {
            use ::serde::ser::SerializeMap as _;
            let mut map = serializer.serialize_map(None)?;
            if let Some(value) = &self.name {
                map.serialize_entry("name", value)?;
            }
            if let Some(value) = self.description.sent() {
                map.serialize_entry("description", &value)?;
            }
            if let Some(value) = self.terms_and_conditions.sent() {
                map.serialize_entry("terms_and_conditions", &value)?;
            }
            if let Some(value) = self.subscription_admin_verified_id.sent() {
                map.serialize_entry("subscription_admin_verified_id", &value)?;
            }
            for (key, value) in self.extra.iter() {
                map.serialize_entry(key, value)?;
            }
            map.end()
        }
    }
    impl<'de> ::serde::Deserialize<'de> for GroupUpdateRequest {
        fn deserialize<D: ::serde::Deserializer<'de>>(
            deserializer: D,
        ) -> Result<Self, D::Error> {
            struct Visitor;
            impl<'de> ::serde::de::Visitor<'de> for Visitor {
                type Value = GroupUpdateRequest;
                fn expecting(
                    &self,
                    f: &mut ::std::fmt::Formatter<'_>,
                ) -> ::std::fmt::Result {
                    f.write_str("a GroupUpdateRequest document")
                }
                fn visit_map<A: ::serde::de::MapAccess<'de>>(
                    self,
                    mut map: A,
                ) -> Result<GroupUpdateRequest, A::Error> {
                    let mut f_name: Option<String> = None;
                    let mut f_description = crate::types::Nullable::<String>::Absent;
                    let mut f_terms_and_conditions = crate::types::Nullable::<
                        String,
                    >::Absent;
                    let mut f_subscription_admin_verified_id = crate::types::Nullable::<
                        crate::types::Uuid,
                    >::Absent;
                    let mut extra = crate::types::ExtraFields::default();
                    while let Some(key) = map
                        .next_key::<crate::types::decode::Key<'de>>()?
                    {
                        match &*key {
                            "name" => f_name = map.next_value()?,
                            "description" => f_description = map.next_value()?,
                            "terms_and_conditions" => {
                                f_terms_and_conditions = map.next_value()?;
                            }
                            "subscription_admin_verified_id" => {
                                f_subscription_admin_verified_id = map.next_value()?;
                            }
                            _ => extra.keep(key, map.next_value()?),
                        }
                    }
                    Ok(GroupUpdateRequest {
                        name: f_name,
                        description: f_description,
                        terms_and_conditions: f_terms_and_conditions,
                        subscription_admin_verified_id: f_subscription_admin_verified_id,
                        extra,
                    })
                }
            }
            deserializer.deserialize_map(Visitor)
        }
    }
    /// Who can see a group and its members, and who can join it and how. A group's own document has only
    /// the visibilities.
    #[derive(Clone, Debug, PartialEq)]
    #[non_exhaustive]
    pub struct GroupPolicies {
        /// Whether members need a recent login to access the group.
        pub is_high_assurance: Option<bool>,
        /// The maximum age of that login in seconds. Defaults to 28800 for high-assurance groups.
        pub authentication_assurance_timeout: Option<i64>,
        /// Who can see the group.
        pub group_visibility: Option<GroupVisibility>,
        /// Who can see the memberships.
        pub group_members_visibility: Option<GroupMemberVisibility>,
        /// Whether people can ask to join.
        pub join_requests: Option<bool>,
        /// The fields that new members must fill in.
        pub signup_fields: Vec<SignupField>,
        /// Undocumented fields, as received or to be sent.
        pub extra: crate::types::ExtraFields,
        presence: crate::types::Presence<1usize>,
    }
    impl ::serde::Serialize for GroupPolicies {
        fn serialize<S: ::serde::Serializer>(
            &self,
            serializer: S,
        ) -> Result<S::Ok, S::Error> {
            use ::serde::ser::SerializeMap as _;
            let mut map = serializer.serialize_map(None)?;
            self.presence
                .write(&mut map, "is_high_assurance", &self.is_high_assurance, 0usize)?;
            self.presence
                .write(
                    &mut map,
                    "authentication_assurance_timeout",
                    &self.authentication_assurance_timeout,
                    1usize,
                )?;
            self.presence
                .write(&mut map, "group_visibility", &self.group_visibility, 2usize)?;
            self.presence
                .write(
                    &mut map,
                    "group_members_visibility",
                    &self.group_members_visibility,
                    3usize,
                )?;
            self.presence.write(&mut map, "join_requests", &self.join_requests, 4usize)?;
            self.presence
                .write_collection(
                    &mut map,
                    "signup_fields",
                    &self.signup_fields,
                    self.signup_fields.is_empty(),
                    5usize,
                )?;
            for (key, value) in self.extra.iter() {
                map.serialize_entry(key, value)?;
            }
            map.end()
        }
    }
    impl<'de> ::serde::Deserialize<'de> for GroupPolicies {
        fn deserialize<D: ::serde::Deserializer<'de>>(
            deserializer: D,
        ) -> Result<Self, D::Error> {
            struct Visitor;
            impl<'de> ::serde::de::Visitor<'de> for Visitor {
                type Value = GroupPolicies;
                fn expecting(
                    &self,
                    f: &mut ::std::fmt::Formatter<'_>,
                ) -> ::std::fmt::Result {
                    f.write_str("a GroupPolicies document")
                }
                fn visit_map<A: ::serde::de::MapAccess<'de>>(
                    self,
                    mut map: A,
                ) -> Result<GroupPolicies, A::Error> {
                    let mut f_is_high_assurance: Option<bool> = None;
                    let mut f_authentication_assurance_timeout: Option<i64> = None;
                    let mut f_group_visibility: Option<GroupVisibility> = None;
                    let mut f_group_members_visibility: Option<GroupMemberVisibility> = None;
                    let mut f_join_requests: Option<bool> = None;
                    let mut f_signup_fields: Option<Vec<SignupField>> = None;
                    let mut presence = crate::types::Presence::<1usize>::new();
                    let mut extra = crate::types::ExtraFields::default();
                    while let Some(key) = map
                        .next_key::<crate::types::decode::Key<'de>>()?
                    {
                        match &*key {
                            "is_high_assurance" => {
                                f_is_high_assurance = presence.read(&mut map, 0usize)?;
                            }
                            "authentication_assurance_timeout" => {
                                f_authentication_assurance_timeout = presence
                                    .read(&mut map, 1usize)?;
                            }
                            "group_visibility" => {
                                f_group_visibility = presence.read(&mut map, 2usize)?;
                            }
                            "group_members_visibility" => {
                                f_group_members_visibility = presence
                                    .read(&mut map, 3usize)?;
                            }
                            "join_requests" => {
                                f_join_requests = presence.read(&mut map, 4usize)?;
                            }
                            "signup_fields" => {
                                f_signup_fields = presence.read(&mut map, 5usize)?;
                            }
                            _ => extra.keep(key, map.next_value()?),
                        }
                    }
                    Ok(GroupPolicies {
                        is_high_assurance: f_is_high_assurance,
                        authentication_assurance_timeout: f_authentication_assurance_timeout,
                        group_visibility: f_group_visibility,
                        group_members_visibility: f_group_members_visibility,
                        join_requests: f_join_requests,
                        signup_fields: presence.collection(f_signup_fields, 5usize),
                        extra,
                        presence,
                    })
                }
            }
            deserializer.deserialize_map(Visitor)
        }
    }
    /// Policies to set.
    #[derive(Clone, Debug, PartialEq, Default)]
    #[non_exhaustive]
    pub struct GroupPoliciesUpdate {
        /// Whether members need a recent login to access the group.
        pub is_high_assurance: Option<bool>,
        /// The maximum age of that login in seconds. Defaults to 28800 for high-assurance groups.
        pub authentication_assurance_timeout: crate::types::Nullable<i64>,
        /// Who can see the group.
        pub group_visibility: Option<GroupVisibility>,
        /// Who can see the memberships.
        pub group_members_visibility: Option<GroupMemberVisibility>,
        /// Whether people can ask to join.
        pub join_requests: Option<bool>,
        /// The fields that new members must fill in.
        pub signup_fields: Option<Vec<SignupField>>,
        /// Undocumented fields, as received or to be sent.
        pub extra: crate::types::ExtraFields,
    }
    impl GroupPoliciesUpdate {
        /// Creates a document with its required fields. All others are unset and not sent.
        pub fn new() -> Self {
            Self {
                is_high_assurance: Default::default(),
                authentication_assurance_timeout: Default::default(),
                group_visibility: Default::default(),
                group_members_visibility: Default::default(),
                join_requests: Default::default(),
                signup_fields: Default::default(),
                extra: Default::default(),
            }
        }
        /// Whether members need a recent login to access the group.
        #[must_use]
        pub fn is_high_assurance(mut self, value: bool) -> Self {
            self.is_high_assurance = Some(value);
            self
        }
        /// The maximum age of that login in seconds. Defaults to 28800 for high-assurance groups.
        #[must_use]
        pub fn authentication_assurance_timeout(mut self, value: i64) -> Self {
            self.authentication_assurance_timeout = crate::types::Nullable::Value(value);
            self
        }
        /// Sends null for `authentication_assurance_timeout`, which clears it.
        #[must_use]
        pub fn clear_authentication_assurance_timeout(mut self) -> Self {
            self.authentication_assurance_timeout = crate::types::Nullable::Null;
            self
        }
        /// Who can see the group.
        #[must_use]
        pub fn group_visibility(mut self, value: impl Into<GroupVisibility>) -> Self {
            self.group_visibility = Some(value.into());
            self
        }
        /// Who can see the memberships.
        #[must_use]
        pub fn group_members_visibility(
            mut self,
            value: impl Into<GroupMemberVisibility>,
        ) -> Self {
            self.group_members_visibility = Some(value.into());
            self
        }
        /// Whether people can ask to join.
        #[must_use]
        pub fn join_requests(mut self, value: bool) -> Self {
            self.join_requests = Some(value);
            self
        }
        /// The fields that new members must fill in.
        #[must_use]
        pub fn signup_fields(
            mut self,
            value: impl IntoIterator<Item = impl Into<SignupField>>,
        ) -> Self {
            self.signup_fields = Some(value.into_iter().map(Into::into).collect());
            self
        }
    }
    impl ::serde::Serialize for GroupPoliciesUpdate {
        fn serialize<S: ::serde::Serializer>(
            &self,
            serializer: S,
        ) -> Result<S::Ok, S::Error> {
            use ::serde::ser::SerializeMap as _;
            let mut map = serializer.serialize_map(None)?;
            if let Some(value) = &self.is_high_assurance {
                map.serialize_entry("is_high_assurance", value)?;
            }
            if let Some(value) = self.authentication_assurance_timeout.sent() {
                map.serialize_entry("authentication_assurance_timeout", &value)?;
            }
            if let Some(value) = &self.group_visibility {
                map.serialize_entry("group_visibility", value)?;
            }
            if let Some(value) = &self.group_members_visibility {
                map.serialize_entry("group_members_visibility", value)?;
            }
            if let Some(value) = &self.join_requests {
                map.serialize_entry("join_requests", value)?;
            }
            if let Some(value) = &self.signup_fields {
                map.serialize_entry("signup_fields", value)?;
            }
            for (key, value) in self.extra.iter() {
                map.serialize_entry(key, value)?;
            }
            map.end()
        }
    }
    impl<'de> ::serde::Deserialize<'de> for GroupPoliciesUpdate {
        fn deserialize<D: ::serde::Deserializer<'de>>(
            deserializer: D,
        ) -> Result<Self, D::Error> {
            struct Visitor;
            impl<'de> ::serde::de::Visitor<'de> for Visitor {
                type Value = GroupPoliciesUpdate;
                fn expecting(
                    &self,
                    f: &mut ::std::fmt::Formatter<'_>,
                ) -> ::std::fmt::Result {
                    f.write_str("a GroupPoliciesUpdate document")
                }
                fn visit_map<A: ::serde::de::MapAccess<'de>>(
                    self,
                    mut map: A,
                ) -> Result<GroupPoliciesUpdate, A::Error> {
                    let mut f_is_high_assurance: Option<bool> = None;
                    let mut f_authentication_assurance_timeout = crate::types::Nullable::<
                        i64,
                    >::Absent;
                    let mut f_group_visibility: Option<GroupVisibility> = None;
                    let mut f_group_members_visibility: Option<GroupMemberVisibility> = None;
                    let mut f_join_requests: Option<bool> = None;
                    let mut f_signup_fields: Option<Vec<SignupField>> = None;
                    let mut extra = crate::types::ExtraFields::default();
                    while let Some(key) = map
                        .next_key::<crate::types::decode::Key<'de>>()?
                    {
                        match &*key {
                            "is_high_assurance" => {
                                f_is_high_assurance = map.next_value()?;
                            }
                            "authentication_assurance_timeout" => {
                                f_authentication_assurance_timeout = map.next_value()?;
                            }
                            "group_visibility" => f_group_visibility = map.next_value()?,
                            "group_members_visibility" => {
                                f_group_members_visibility = map.next_value()?;
                            }
                            "join_requests" => f_join_requests = map.next_value()?,
                            "signup_fields" => f_signup_fields = map.next_value()?,
                            _ => extra.keep(key, map.next_value()?),
                        }
                    }
                    Ok(GroupPoliciesUpdate {
                        is_high_assurance: f_is_high_assurance,
                        authentication_assurance_timeout: f_authentication_assurance_timeout,
                        group_visibility: f_group_visibility,
                        group_members_visibility: f_group_members_visibility,
                        join_requests: f_join_requests,
                        signup_fields: f_signup_fields,
                        extra,
                    })
                }
            }
            deserializer.deserialize_map(Visitor)
        }
    }
    /// A membership of an identity in a group.
    #[derive(Clone, Debug, PartialEq)]
    #[non_exhaustive]
    pub struct Membership {
        /// The ID of the group.
        pub group_id: Option<crate::types::Uuid>,
        /// The ID of the nested group through which the identity is a member, if it is not a direct member.
        pub source_group_id: Option<crate::types::Uuid>,
        /// The ID of the identity.
        pub identity_id: crate::types::Uuid,
        /// The username of the identity.
        pub username: Option<String>,
        /// The member's role.
        pub role: Option<GroupRole>,
        /// The status of the membership.
        pub status: Option<MembershipStatus>,
        /// The reason for this status, as given by the person who changed it.
        pub status_reason: Option<String>,
        /// The email address that the invitation was sent to.
        pub invite_email_address: Option<String>,
        /// When it was last changed.
        pub updated: Option<crate::types::Timestamp>,
        /// When the identity was invited.
        pub invite_time: Option<crate::types::Timestamp>,
        /// What the member filled in when joining.
        pub membership_fields: Option<crate::types::Json>,
        /// Undocumented fields, as received or to be sent.
        pub extra: crate::types::ExtraFields,
        presence: crate::types::Presence<2usize>,
    }
    impl ::serde::Serialize for Membership {
        fn serialize<S: ::serde::Serializer>(
            &self,
            serializer: S,
        ) -> Result<S::Ok, S::Error> {
            use ::serde::ser::SerializeMap as _;
            let mut map = serializer.serialize_map(None)?;
            self.presence.write(&mut map, "group_id", &self.group_id, 0usize)?;
            self.presence
                .write(&mut map, "source_group_id", &self.source_group_id, 1usize)?;
            map.serialize_entry("identity_id", &self.identity_id)?;
            self.presence.write(&mut map, "username", &self.username, 2usize)?;
            self.presence.write(&mut map, "role", &self.role, 3usize)?;
            self.presence.write(&mut map, "status", &self.status, 4usize)?;
            self.presence.write(&mut map, "status_reason", &self.status_reason, 5usize)?;
            self.presence
                .write(
                    &mut map,
                    "invite_email_address",
                    &self.invite_email_address,
                    6usize,
                )?;
            self.presence.write(&mut map, "updated", &self.updated, 7usize)?;
            self.presence.write(&mut map, "invite_time", &self.invite_time, 8usize)?;
            self.presence
                .write(&mut map, "membership_fields", &self.membership_fields, 9usize)?;
            for (key, value) in self.extra.iter() {
                map.serialize_entry(key, value)?;
            }
            map.end()
        }
    }
    impl<'de> ::serde::Deserialize<'de> for Membership {
        fn deserialize<D: ::serde::Deserializer<'de>>(
            deserializer: D,
        ) -> Result<Self, D::Error> {
            struct Visitor;
            impl<'de> ::serde::de::Visitor<'de> for Visitor {
                type Value = Membership;
                fn expecting(
                    &self,
                    f: &mut ::std::fmt::Formatter<'_>,
                ) -> ::std::fmt::Result {
                    f.write_str("a Membership document")
                }
                fn visit_map<A: ::serde::de::MapAccess<'de>>(
                    self,
                    mut map: A,
                ) -> Result<Membership, A::Error> {
                    let mut f_group_id: Option<crate::types::Uuid> = None;
                    let mut f_source_group_id: Option<crate::types::Uuid> = None;
                    let mut f_identity_id: Option<crate::types::Uuid> = None;
                    let mut f_username: Option<String> = None;
                    let mut f_role: Option<GroupRole> = None;
                    let mut f_status: Option<MembershipStatus> = None;
                    let mut f_status_reason: Option<String> = None;
                    let mut f_invite_email_address: Option<String> = None;
                    let mut f_updated: Option<crate::types::Timestamp> = None;
                    let mut f_invite_time: Option<crate::types::Timestamp> = None;
                    let mut f_membership_fields: Option<crate::types::Json> = None;
                    let mut presence = crate::types::Presence::<2usize>::new();
                    let mut extra = crate::types::ExtraFields::default();
                    while let Some(key) = map
                        .next_key::<crate::types::decode::Key<'de>>()?
                    {
                        match &*key {
                            "group_id" => f_group_id = presence.read(&mut map, 0usize)?,
                            "source_group_id" => {
                                f_source_group_id = presence.read(&mut map, 1usize)?;
                            }
                            "identity_id" => f_identity_id = Some(map.next_value()?),
                            "username" => f_username = presence.read(&mut map, 2usize)?,
                            "role" => f_role = presence.read(&mut map, 3usize)?,
                            "status" => f_status = presence.read(&mut map, 4usize)?,
                            "status_reason" => {
                                f_status_reason = presence.read(&mut map, 5usize)?;
                            }
                            "invite_email_address" => {
                                f_invite_email_address = presence.read(&mut map, 6usize)?;
                            }
                            "updated" => f_updated = presence.read(&mut map, 7usize)?,
                            "invite_time" => {
                                f_invite_time = presence.read(&mut map, 8usize)?;
                            }
                            "membership_fields" => {
                                f_membership_fields = presence.read(&mut map, 9usize)?;
                            }
                            _ => extra.keep(key, map.next_value()?),
                        }
                    }
                    Ok(Membership {
                        group_id: f_group_id,
                        source_group_id: f_source_group_id,
                        identity_id: crate::types::decode::required(
                            f_identity_id,
                            "identity_id",
                        )?,
                        username: f_username,
                        role: f_role,
                        status: f_status,
                        status_reason: f_status_reason,
                        invite_email_address: f_invite_email_address,
                        updated: f_updated,
                        invite_time: f_invite_time,
                        membership_fields: f_membership_fields,
                        extra,
                        presence,
                    })
                }
            }
            deserializer.deserialize_map(Visitor)
        }
    }
    /// The changes to make to memberships, by action.
    #[derive(Clone, Debug, PartialEq, Default)]
    #[non_exhaustive]
    pub struct BatchMembershipActions {
        /// The caller's identities that accept their invitations.
        pub accept: Option<Vec<MembershipAction>>,
        /// Identities to make active members.
        pub add: Option<Vec<MembershipAdd>>,
        /// Identities whose requests to join to approve.
        pub approve: Option<Vec<MembershipAction>>,
        /// Members whose role to change.
        pub change_role: Option<Vec<MembershipRoleChange>>,
        /// The caller's identities that decline their invitations.
        pub decline: Option<Vec<MembershipAction>>,
        /// Identities to invite.
        pub invite: Option<Vec<MembershipInvite>>,
        /// The caller's identities that join.
        pub join: Option<Vec<MembershipJoin>>,
        /// The caller's identities that leave.
        pub leave: Option<Vec<MembershipAction>>,
        /// Identities whose requests to join to reject.
        pub reject: Option<Vec<MembershipAction>>,
        /// Members to remove.
        pub remove: Option<Vec<MembershipAction>>,
        /// The caller's identities that ask to join.
        pub request_join: Option<Vec<MembershipJoin>>,
        /// Undocumented fields, as received or to be sent.
        pub extra: crate::types::ExtraFields,
    }
    impl BatchMembershipActions {
        /// Creates a document with its required fields. All others are unset and not sent.
        pub fn new() -> Self {
            Self {
                accept: Default::default(),
                add: Default::default(),
                approve: Default::default(),
                change_role: Default::default(),
                decline: Default::default(),
                invite: Default::default(),
                join: Default::default(),
                leave: Default::default(),
                reject: Default::default(),
                remove: Default::default(),
                request_join: Default::default(),
                extra: Default::default(),
            }
        }
        /// The caller's identities that accept their invitations.
        #[must_use]
        pub fn accept(
            mut self,
            value: impl IntoIterator<Item = impl Into<MembershipAction>>,
        ) -> Self {
            self.accept = Some(value.into_iter().map(Into::into).collect());
            self
        }
        /// Identities to make active members.
        #[must_use]
        pub fn add(
            mut self,
            value: impl IntoIterator<Item = impl Into<MembershipAdd>>,
        ) -> Self {
            self.add = Some(value.into_iter().map(Into::into).collect());
            self
        }
        /// Identities whose requests to join to approve.
        #[must_use]
        pub fn approve(
            mut self,
            value: impl IntoIterator<Item = impl Into<MembershipAction>>,
        ) -> Self {
            self.approve = Some(value.into_iter().map(Into::into).collect());
            self
        }
        /// Members whose role to change.
        #[must_use]
        pub fn change_role(
            mut self,
            value: impl IntoIterator<Item = impl Into<MembershipRoleChange>>,
        ) -> Self {
            self.change_role = Some(value.into_iter().map(Into::into).collect());
            self
        }
        /// The caller's identities that decline their invitations.
        #[must_use]
        pub fn decline(
            mut self,
            value: impl IntoIterator<Item = impl Into<MembershipAction>>,
        ) -> Self {
            self.decline = Some(value.into_iter().map(Into::into).collect());
            self
        }
        /// Identities to invite.
        #[must_use]
        pub fn invite(
            mut self,
            value: impl IntoIterator<Item = impl Into<MembershipInvite>>,
        ) -> Self {
            self.invite = Some(value.into_iter().map(Into::into).collect());
            self
        }
        /// The caller's identities that join.
        #[must_use]
        pub fn join(
            mut self,
            value: impl IntoIterator<Item = impl Into<MembershipJoin>>,
        ) -> Self {
            self.join = Some(value.into_iter().map(Into::into).collect());
            self
        }
        /// The caller's identities that leave.
        #[must_use]
        pub fn leave(
            mut self,
            value: impl IntoIterator<Item = impl Into<MembershipAction>>,
        ) -> Self {
            self.leave = Some(value.into_iter().map(Into::into).collect());
            self
        }
        /// Identities whose requests to join to reject.
        #[must_use]
        pub fn reject(
            mut self,
            value: impl IntoIterator<Item = impl Into<MembershipAction>>,
        ) -> Self {
            self.reject = Some(value.into_iter().map(Into::into).collect());
            self
        }
        /// Members to remove.
        #[must_use]
        pub fn remove(
            mut self,
            value: impl IntoIterator<Item = impl Into<MembershipAction>>,
        ) -> Self {
            self.remove = Some(value.into_iter().map(Into::into).collect());
            self
        }
        /// The caller's identities that ask to join.
        #[must_use]
        pub fn request_join(
            mut self,
            value: impl IntoIterator<Item = impl Into<MembershipJoin>>,
        ) -> Self {
            self.request_join = Some(value.into_iter().map(Into::into).collect());
            self
        }
    }
    impl ::serde::Serialize for BatchMembershipActions {
        fn serialize<S: ::serde::Serializer>(
            &self,
            serializer: S,
        ) -> Result<S::Ok, S::Error> {
            use ::serde::ser::SerializeMap as _;
            let mut map = serializer.serialize_map(None)?;
            if let Some(value) = &self.accept {
                map.serialize_entry("accept", value)?;
            }
            if let Some(value) = &self.add {
                map.serialize_entry("add", value)?;
            }
            if let Some(value) = &self.approve {
                map.serialize_entry("approve", value)?;
            }
            if let Some(value) = &self.change_role {
                map.serialize_entry("change_role", value)?;
            }
            if let Some(value) = &self.decline {
                map.serialize_entry("decline", value)?;
            }
            if let Some(value) = &self.invite {
                map.serialize_entry("invite", value)?;
            }
            if let Some(value) = &self.join {
                map.serialize_entry("join", value)?;
            }
            if let Some(value) = &self.leave {
                map.serialize_entry("leave", value)?;
            }
            if let Some(value) = &self.reject {
                map.serialize_entry("reject", value)?;
            }
            if let Some(value) = &self.remove {
                map.serialize_entry("remove", value)?;
            }
            if let Some(value) = &self.request_join {
                map.serialize_entry("request_join", value)?;
            }
            for (key, value) in self.extra.iter() {
                map.serialize_entry(key, value)?;
            }
            map.end()
        }
    }
    impl<'de> ::serde::Deserialize<'de> for BatchMembershipActions {
        fn deserialize<D: ::serde::Deserializer<'de>>(
            deserializer: D,
        ) -> Result<Self, D::Error> {
            struct Visitor;
            impl<'de> ::serde::de::Visitor<'de> for Visitor {
                type Value = BatchMembershipActions;
                fn expecting(
                    &self,
                    f: &mut ::std::fmt::Formatter<'_>,
                ) -> ::std::fmt::Result {
                    f.write_str("a BatchMembershipActions document")
                }
                fn visit_map<A: ::serde::de::MapAccess<'de>>(
                    self,
                    mut map: A,
                ) -> Result<BatchMembershipActions, A::Error> {
                    let mut f_accept: Option<Vec<MembershipAction>> = None;
                    let mut f_add: Option<Vec<MembershipAdd>> = None;
                    let mut f_approve: Option<Vec<MembershipAction>> = None;
                    let mut f_change_role: Option<Vec<MembershipRoleChange>> = None;
                    let mut f_decline: Option<Vec<MembershipAction>> = None;
                    let mut f_invite: Option<Vec<MembershipInvite>> = None;
                    let mut f_join: Option<Vec<MembershipJoin>> = None;
                    let mut f_leave: Option<Vec<MembershipAction>> = None;
                    let mut f_reject: Option<Vec<MembershipAction>> = None;
                    let mut f_remove: Option<Vec<MembershipAction>> = None;
                    let mut f_request_join: Option<Vec<MembershipJoin>> = None;
                    let mut extra = crate::types::ExtraFields::default();
                    while let Some(key) = map
                        .next_key::<crate::types::decode::Key<'de>>()?
                    {
                        match &*key {
                            "accept" => f_accept = map.next_value()?,
                            "add" => f_add = map.next_value()?,
                            "approve" => f_approve = map.next_value()?,
                            "change_role" => f_change_role = map.next_value()?,
                            "decline" => f_decline = map.next_value()?,
                            "invite" => f_invite = map.next_value()?,
                            "join" => f_join = map.next_value()?,
                            "leave" => f_leave = map.next_value()?,
                            "reject" => f_reject = map.next_value()?,
                            "remove" => f_remove = map.next_value()?,
                            "request_join" => f_request_join = map.next_value()?,
                            _ => extra.keep(key, map.next_value()?),
                        }
                    }
                    Ok(BatchMembershipActions {
                        accept: f_accept,
                        add: f_add,
                        approve: f_approve,
                        change_role: f_change_role,
                        decline: f_decline,
                        invite: f_invite,
                        join: f_join,
                        leave: f_leave,
                        reject: f_reject,
                        remove: f_remove,
                        request_join: f_request_join,
                        extra,
                    })
                }
            }
            deserializer.deserialize_map(Visitor)
        }
    }
    /// A membership whose status changes.
    #[derive(Clone, Debug, PartialEq)]
    #[non_exhaustive]
    pub struct MembershipAction {
        /// The ID of the identity.
        pub identity_id: crate::types::Uuid,
        /// The reason for the change.
        pub status_reason: Option<String>,
        /// Undocumented fields, as received or to be sent.
        pub extra: crate::types::ExtraFields,
    }
    impl MembershipAction {
        /// Creates a document with its required fields. All others are unset and not sent.
        pub fn new(identity_id: crate::types::Uuid) -> Self {
            Self {
                identity_id: {
                    let value = identity_id;
                    value
                },
                status_reason: Default::default(),
                extra: Default::default(),
            }
        }
        /// The reason for the change.
        #[must_use]
        pub fn status_reason(mut self, value: impl Into<String>) -> Self {
            self.status_reason = Some(value.into());
            self
        }
    }
    impl ::serde::Serialize for MembershipAction {
        fn serialize<S: ::serde::Serializer>(
            &self,
            serializer: S,
        ) -> Result<S::Ok, S::Error> {
            use ::serde::ser::SerializeMap as _;
            let mut map = serializer.serialize_map(None)?;
            map.serialize_entry("identity_id", &self.identity_id)?;
            if let Some(value) = &self.status_reason {
                map.serialize_entry("status_reason", value)?;
            }
            for (key, value) in self.extra.iter() {
                map.serialize_entry(key, value)?;
            }
            map.end()
        }
    }
    impl<'de> ::serde::Deserialize<'de> for MembershipAction {
        fn deserialize<D: ::serde::Deserializer<'de>>(
            deserializer: D,
        ) -> Result<Self, D::Error> {
            struct Visitor;
            impl<'de> ::serde::de::Visitor<'de> for Visitor {
                type Value = MembershipAction;
                fn expecting(
                    &self,
                    f: &mut ::std::fmt::Formatter<'_>,
                ) -> ::std::fmt::Result {
                    f.write_str("a MembershipAction document")
                }
                fn visit_map<A: ::serde::de::MapAccess<'de>>(
                    self,
                    mut map: A,
                ) -> Result<MembershipAction, A::Error> {
                    let mut f_identity_id: Option<crate::types::Uuid> = None;
                    let mut f_status_reason: Option<String> = None;
                    let mut extra = crate::types::ExtraFields::default();
                    while let Some(key) = map
                        .next_key::<crate::types::decode::Key<'de>>()?
                    {
                        match &*key {
                            "identity_id" => f_identity_id = Some(map.next_value()?),
                            "status_reason" => f_status_reason = map.next_value()?,
                            _ => extra.keep(key, map.next_value()?),
                        }
                    }
                    Ok(MembershipAction {
                        identity_id: crate::types::decode::required(
                            f_identity_id,
                            "identity_id",
                        )?,
                        status_reason: f_status_reason,
                        extra,
                    })
                }
            }
            deserializer.deserialize_map(Visitor)
        }
    }
    /// An identity that joins or asks to join.
    #[derive(Clone, Debug, PartialEq)]
    #[non_exhaustive]
    pub struct MembershipJoin {
        /// The ID of the identity.
        pub identity_id: crate::types::Uuid,
        /// Undocumented fields, as received or to be sent.
        pub extra: crate::types::ExtraFields,
    }
    impl MembershipJoin {
        /// Creates a document with its required fields. All others are unset and not sent.
        pub fn new(identity_id: crate::types::Uuid) -> Self {
            Self {
                identity_id: {
                    let value = identity_id;
                    value
                },
                extra: Default::default(),
            }
        }
    }
    impl ::serde::Serialize for MembershipJoin {
        fn serialize<S: ::serde::Serializer>(
            &self,
            serializer: S,
        ) -> Result<S::Ok, S::Error> {
            use ::serde::ser::SerializeMap as _;
            let mut map = serializer.serialize_map(None)?;
            map.serialize_entry("identity_id", &self.identity_id)?;
            for (key, value) in self.extra.iter() {
                map.serialize_entry(key, value)?;
            }
            map.end()
        }
    }
    impl<'de> ::serde::Deserialize<'de> for MembershipJoin {
        fn deserialize<D: ::serde::Deserializer<'de>>(
            deserializer: D,
        ) -> Result<Self, D::Error> {
            struct Visitor;
            impl<'de> ::serde::de::Visitor<'de> for Visitor {
                type Value = MembershipJoin;
                fn expecting(
                    &self,
                    f: &mut ::std::fmt::Formatter<'_>,
                ) -> ::std::fmt::Result {
                    f.write_str("a MembershipJoin document")
                }
                fn visit_map<A: ::serde::de::MapAccess<'de>>(
                    self,
                    mut map: A,
                ) -> Result<MembershipJoin, A::Error> {
                    let mut f_identity_id: Option<crate::types::Uuid> = None;
                    let mut extra = crate::types::ExtraFields::default();
                    while let Some(key) = map
                        .next_key::<crate::types::decode::Key<'de>>()?
                    {
                        match &*key {
                            "identity_id" => f_identity_id = Some(map.next_value()?),
                            _ => extra.keep(key, map.next_value()?),
                        }
                    }
                    Ok(MembershipJoin {
                        identity_id: crate::types::decode::required(
                            f_identity_id,
                            "identity_id",
                        )?,
                        extra,
                    })
                }
            }
            deserializer.deserialize_map(Visitor)
        }
    }
    /// An identity that becomes a member.
    #[derive(Clone, Debug, PartialEq)]
    #[non_exhaustive]
    pub struct MembershipAdd {
        /// The ID of the identity.
        pub identity_id: crate::types::Uuid,
        /// The member's role. Defaults to `member`.
        pub role: Option<GroupRole>,
        /// The reason for the change.
        pub status_reason: Option<String>,
        /// Undocumented fields, as received or to be sent.
        pub extra: crate::types::ExtraFields,
    }
    impl MembershipAdd {
        /// Creates a document with its required fields. All others are unset and not sent.
        pub fn new(identity_id: crate::types::Uuid) -> Self {
            Self {
                identity_id: {
                    let value = identity_id;
                    value
                },
                role: Default::default(),
                status_reason: Default::default(),
                extra: Default::default(),
            }
        }
        /// The member's role. Defaults to `member`.
        #[must_use]
        pub fn role(mut self, value: impl Into<GroupRole>) -> Self {
            self.role = Some(value.into());
            self
        }
        /// The reason for the change.
        #[must_use]
        pub fn status_reason(mut self, value: impl Into<String>) -> Self {
            self.status_reason = Some(value.into());
            self
        }
    }
    impl ::serde::Serialize for MembershipAdd {
        fn serialize<S: ::serde::Serializer>(
            &self,
            serializer: S,
        ) -> Result<S::Ok, S::Error> {
            use ::serde::ser::SerializeMap as _;
            let mut map = serializer.serialize_map(None)?;
            map.serialize_entry("identity_id", &self.identity_id)?;
            if let Some(value) = &self.role {
                map.serialize_entry("role", value)?;
            }
            if let Some(value) = &self.status_reason {
                map.serialize_entry("status_reason", value)?;
            }
            for (key, value) in self.extra.iter() {
                map.serialize_entry(key, value)?;
            }
            map.end()
        }
    }
    impl<'de> ::serde::Deserialize<'de> for MembershipAdd {
        fn deserialize<D: ::serde::Deserializer<'de>>(
            deserializer: D,
        ) -> Result<Self, D::Error> {
            struct Visitor;
            impl<'de> ::serde::de::Visitor<'de> for Visitor {
                type Value = MembershipAdd;
                fn expecting(
                    &self,
                    f: &mut ::std::fmt::Formatter<'_>,
                ) -> ::std::fmt::Result {
                    f.write_str("a MembershipAdd document")
                }
                fn visit_map<A: ::serde::de::MapAccess<'de>>(
                    self,
                    mut map: A,
                ) -> Result<MembershipAdd, A::Error> {
                    let mut f_identity_id: Option<crate::types::Uuid> = None;
                    let mut f_role: Option<GroupRole> = None;
                    let mut f_status_reason: Option<String> = None;
                    let mut extra = crate::types::ExtraFields::default();
                    while let Some(key) = map
                        .next_key::<crate::types::decode::Key<'de>>()?
                    {
                        match &*key {
                            "identity_id" => f_identity_id = Some(map.next_value()?),
                            "role" => f_role = map.next_value()?,
                            "status_reason" => f_status_reason = map.next_value()?,
                            _ => extra.keep(key, map.next_value()?),
                        }
                    }
                    Ok(MembershipAdd {
                        identity_id: crate::types::decode::required(
                            f_identity_id,
                            "identity_id",
                        )?,
                        role: f_role,
                        status_reason: f_status_reason,
                        extra,
                    })
                }
            }
            deserializer.deserialize_map(Visitor)
        }
    }
    /// An identity that is invited.
    #[derive(Clone, Debug, PartialEq)]
    #[non_exhaustive]
    pub struct MembershipInvite {
        /// The ID of the identity.
        pub identity_id: crate::types::Uuid,
        /// The member's role. Defaults to `member`.
        pub role: Option<GroupRole>,
        /// The reason for the change.
        pub status_reason: Option<String>,
        /// The email address to send the invitation to.
        pub invite_email_address: Option<String>,
        /// Undocumented fields, as received or to be sent.
        pub extra: crate::types::ExtraFields,
    }
    impl MembershipInvite {
        /// Creates a document with its required fields. All others are unset and not sent.
        pub fn new(identity_id: crate::types::Uuid) -> Self {
            Self {
                identity_id: {
                    let value = identity_id;
                    value
                },
                role: Default::default(),
                status_reason: Default::default(),
                invite_email_address: Default::default(),
                extra: Default::default(),
            }
        }
        /// The member's role. Defaults to `member`.
        #[must_use]
        pub fn role(mut self, value: impl Into<GroupRole>) -> Self {
            self.role = Some(value.into());
            self
        }
        /// The reason for the change.
        #[must_use]
        pub fn status_reason(mut self, value: impl Into<String>) -> Self {
            self.status_reason = Some(value.into());
            self
        }
        /// The email address to send the invitation to.
        #[must_use]
        pub fn invite_email_address(mut self, value: impl Into<String>) -> Self {
            self.invite_email_address = Some(value.into());
            self
        }
    }
    impl ::serde::Serialize for MembershipInvite {
        fn serialize<S: ::serde::Serializer>(
            &self,
            serializer: S,
        ) -> Result<S::Ok, S::Error> {
            use ::serde::ser::SerializeMap as _;
            let mut map = serializer.serialize_map(None)?;
            map.serialize_entry("identity_id", &self.identity_id)?;
            if let Some(value) = &self.role {
                map.serialize_entry("role", value)?;
            }
            if let Some(value) = &self.status_reason {
                map.serialize_entry("status_reason", value)?;
            }
            if let Some(value) = &self.invite_email_address {
                map.serialize_entry("invite_email_address", value)?;
            }
            for (key, value) in self.extra.iter() {
                map.serialize_entry(key, value)?;
            }
            map.end()
        }
    }
    impl<'de> ::serde::Deserialize<'de> for MembershipInvite {
        fn deserialize<D: ::serde::Deserializer<'de>>(
            deserializer: D,
        ) -> Result<Self, D::Error> {
            struct Visitor;
            impl<'de> ::serde::de::Visitor<'de> for Visitor {
                type Value = MembershipInvite;
                fn expecting(
                    &self,
                    f: &mut ::std::fmt::Formatter<'_>,
                ) -> ::std::fmt::Result {
                    f.write_str("a MembershipInvite document")
                }
                fn visit_map<A: ::serde::de::MapAccess<'de>>(
                    self,
                    mut map: A,
                ) -> Result<MembershipInvite, A::Error> {
                    let mut f_identity_id: Option<crate::types::Uuid> = None;
                    let mut f_role: Option<GroupRole> = None;
                    let mut f_status_reason: Option<String> = None;
                    let mut f_invite_email_address: Option<String> = None;
                    let mut extra = crate::types::ExtraFields::default();
                    while let Some(key) = map
                        .next_key::<crate::types::decode::Key<'de>>()?
                    {
                        match &*key {
                            "identity_id" => f_identity_id = Some(map.next_value()?),
                            "role" => f_role = map.next_value()?,
                            "status_reason" => f_status_reason = map.next_value()?,
                            "invite_email_address" => {
                                f_invite_email_address = map.next_value()?;
                            }
                            _ => extra.keep(key, map.next_value()?),
                        }
                    }
                    Ok(MembershipInvite {
                        identity_id: crate::types::decode::required(
                            f_identity_id,
                            "identity_id",
                        )?,
                        role: f_role,
                        status_reason: f_status_reason,
                        invite_email_address: f_invite_email_address,
                        extra,
                    })
                }
            }
            deserializer.deserialize_map(Visitor)
        }
    }
    /// A member whose role changes.
    #[derive(Clone, Debug, PartialEq)]
    #[non_exhaustive]
    pub struct MembershipRoleChange {
        /// The ID of the identity.
        pub identity_id: crate::types::Uuid,
        /// The member's role.
        pub role: GroupRole,
        /// Undocumented fields, as received or to be sent.
        pub extra: crate::types::ExtraFields,
    }
    impl MembershipRoleChange {
        /// Creates a document with its required fields. All others are unset and not sent.
        pub fn new(identity_id: crate::types::Uuid, role: impl Into<GroupRole>) -> Self {
            Self {
                identity_id: {
                    let value = identity_id;
                    value
                },
                role: {
                    let value = role;
                    value.into()
                },
                extra: Default::default(),
            }
        }
    }
    impl ::serde::Serialize for MembershipRoleChange {
        fn serialize<S: ::serde::Serializer>(
            &self,
            serializer: S,
        ) -> Result<S::Ok, S::Error> {
            use ::serde::ser::SerializeMap as _;
            let mut map = serializer.serialize_map(None)?;
            map.serialize_entry("identity_id", &self.identity_id)?;
            map.serialize_entry("role", &self.role)?;
            for (key, value) in self.extra.iter() {
                map.serialize_entry(key, value)?;
            }
            map.end()
        }
    }
    impl<'de> ::serde::Deserialize<'de> for MembershipRoleChange {
        fn deserialize<D: ::serde::Deserializer<'de>>(
            deserializer: D,
        ) -> Result<Self, D::Error> {
            struct Visitor;
            impl<'de> ::serde::de::Visitor<'de> for Visitor {
                type Value = MembershipRoleChange;
                fn expecting(
                    &self,
                    f: &mut ::std::fmt::Formatter<'_>,
                ) -> ::std::fmt::Result {
                    f.write_str("a MembershipRoleChange document")
                }
                fn visit_map<A: ::serde::de::MapAccess<'de>>(
                    self,
                    mut map: A,
                ) -> Result<MembershipRoleChange, A::Error> {
                    let mut f_identity_id: Option<crate::types::Uuid> = None;
                    let mut f_role: Option<GroupRole> = None;
                    let mut extra = crate::types::ExtraFields::default();
                    while let Some(key) = map
                        .next_key::<crate::types::decode::Key<'de>>()?
                    {
                        match &*key {
                            "identity_id" => f_identity_id = Some(map.next_value()?),
                            "role" => f_role = Some(map.next_value()?),
                            _ => extra.keep(key, map.next_value()?),
                        }
                    }
                    Ok(MembershipRoleChange {
                        identity_id: crate::types::decode::required(
                            f_identity_id,
                            "identity_id",
                        )?,
                        role: crate::types::decode::required(f_role, "role")?,
                        extra,
                    })
                }
            }
            deserializer.deserialize_map(Visitor)
        }
    }
    /// The changed memberships by action, and what failed.
    #[derive(Clone, Debug, PartialEq)]
    #[non_exhaustive]
    pub struct BatchMembershipResult {
        /// Memberships as they are after `accept`.
        pub accept: Vec<Membership>,
        /// Memberships as they are after `add`.
        pub add: Vec<Membership>,
        /// Memberships as they are after `approve`.
        pub approve: Vec<Membership>,
        /// Memberships as they are after `change_role`.
        pub change_role: Vec<Membership>,
        /// Memberships as they are after `decline`.
        pub decline: Vec<Membership>,
        /// Memberships as they are after `invite`.
        pub invite: Vec<Membership>,
        /// Memberships as they are after `join`.
        pub join: Vec<Membership>,
        /// Memberships as they are after `leave`.
        pub leave: Vec<Membership>,
        /// Memberships as they are after `reject`.
        pub reject: Vec<Membership>,
        /// Memberships as they are after `remove`.
        pub remove: Vec<Membership>,
        /// Memberships as they are after `request_join`.
        pub request_join: Vec<Membership>,
        /// What failed, by action.
        pub errors: Option<BatchMembershipErrors>,
        /// Undocumented fields, as received or to be sent.
        pub extra: crate::types::ExtraFields,
        presence: crate::types::Presence<3usize>,
    }
    impl ::serde::Serialize for BatchMembershipResult {
        fn serialize<S: ::serde::Serializer>(
            &self,
            serializer: S,
        ) -> Result<S::Ok, S::Error> {
            use ::serde::ser::SerializeMap as _;
            let mut map = serializer.serialize_map(None)?;
            self.presence
                .write_collection(
                    &mut map,
                    "accept",
                    &self.accept,
                    self.accept.is_empty(),
                    0usize,
                )?;
            self.presence
                .write_collection(
                    &mut map,
                    "add",
                    &self.add,
                    self.add.is_empty(),
                    2usize,
                )?;
            self.presence
                .write_collection(
                    &mut map,
                    "approve",
                    &self.approve,
                    self.approve.is_empty(),
                    4usize,
                )?;
            self.presence
                .write_collection(
                    &mut map,
                    "change_role",
                    &self.change_role,
                    self.change_role.is_empty(),
                    6usize,
                )?;
            self.presence
                .write_collection(
                    &mut map,
                    "decline",
                    &self.decline,
                    self.decline.is_empty(),
                    8usize,
                )?;
            self.presence
                .write_collection(
                    &mut map,
                    "invite",
                    &self.invite,
                    self.invite.is_empty(),
                    10usize,
                )?;
            self.presence
                .write_collection(
                    &mut map,
                    "join",
                    &self.join,
                    self.join.is_empty(),
                    12usize,
                )?;
            self.presence
                .write_collection(
                    &mut map,
                    "leave",
                    &self.leave,
                    self.leave.is_empty(),
                    14usize,
                )?;
            self.presence
                .write_collection(
                    &mut map,
                    "reject",
                    &self.reject,
                    self.reject.is_empty(),
                    16usize,
                )?;
            self.presence
                .write_collection(
                    &mut map,
                    "remove",
                    &self.remove,
                    self.remove.is_empty(),
                    18usize,
                )?;
            self.presence
                .write_collection(
                    &mut map,
                    "request_join",
                    &self.request_join,
                    self.request_join.is_empty(),
                    20usize,
                )?;
            self.presence.write(&mut map, "errors", &self.errors, 22usize)?;
            for (key, value) in self.extra.iter() {
                map.serialize_entry(key, value)?;
            }
            map.end()
        }
    }
    impl<'de> ::serde::Deserialize<'de> for BatchMembershipResult {
        fn deserialize<D: ::serde::Deserializer<'de>>(
            deserializer: D,
        ) -> Result<Self, D::Error> {
            struct Visitor;
            impl<'de> ::serde::de::Visitor<'de> for Visitor {
                type Value = BatchMembershipResult;
                fn expecting(
                    &self,
                    f: &mut ::std::fmt::Formatter<'_>,
                ) -> ::std::fmt::Result {
                    f.write_str("a BatchMembershipResult document")
                }
                fn visit_map<A: ::serde::de::MapAccess<'de>>(
                    self,
                    mut map: A,
                ) -> Result<BatchMembershipResult, A::Error> {
                    let mut f_accept: Option<Vec<Membership>> = None;
                    let mut f_add: Option<Vec<Membership>> = None;
                    let mut f_approve: Option<Vec<Membership>> = None;
                    let mut f_change_role: Option<Vec<Membership>> = None;
                    let mut f_decline: Option<Vec<Membership>> = None;
                    let mut f_invite: Option<Vec<Membership>> = None;
                    let mut f_join: Option<Vec<Membership>> = None;
                    let mut f_leave: Option<Vec<Membership>> = None;
                    let mut f_reject: Option<Vec<Membership>> = None;
                    let mut f_remove: Option<Vec<Membership>> = None;
                    let mut f_request_join: Option<Vec<Membership>> = None;
                    let mut f_errors: Option<BatchMembershipErrors> = None;
                    let mut presence = crate::types::Presence::<3usize>::new();
                    let mut extra = crate::types::ExtraFields::default();
                    while let Some(key) = map
                        .next_key::<crate::types::decode::Key<'de>>()?
                    {
                        match &*key {
                            "accept" => f_accept = presence.read(&mut map, 0usize)?,
                            "add" => f_add = presence.read(&mut map, 2usize)?,
                            "approve" => f_approve = presence.read(&mut map, 4usize)?,
                            "change_role" => {
                                f_change_role = presence.read(&mut map, 6usize)?;
                            }
                            "decline" => f_decline = presence.read(&mut map, 8usize)?,
                            "invite" => f_invite = presence.read(&mut map, 10usize)?,
                            "join" => f_join = presence.read(&mut map, 12usize)?,
                            "leave" => f_leave = presence.read(&mut map, 14usize)?,
                            "reject" => f_reject = presence.read(&mut map, 16usize)?,
                            "remove" => f_remove = presence.read(&mut map, 18usize)?,
                            "request_join" => {
                                f_request_join = presence.read(&mut map, 20usize)?;
                            }
                            "errors" => f_errors = presence.read(&mut map, 22usize)?,
                            _ => extra.keep(key, map.next_value()?),
                        }
                    }
                    Ok(BatchMembershipResult {
                        accept: presence.collection(f_accept, 0usize),
                        add: presence.collection(f_add, 2usize),
                        approve: presence.collection(f_approve, 4usize),
                        change_role: presence.collection(f_change_role, 6usize),
                        decline: presence.collection(f_decline, 8usize),
                        invite: presence.collection(f_invite, 10usize),
                        join: presence.collection(f_join, 12usize),
                        leave: presence.collection(f_leave, 14usize),
                        reject: presence.collection(f_reject, 16usize),
                        remove: presence.collection(f_remove, 18usize),
                        request_join: presence.collection(f_request_join, 20usize),
                        errors: f_errors,
                        extra,
                        presence,
                    })
                }
            }
            deserializer.deserialize_map(Visitor)
        }
    }
    /// What failed, by action.
    #[derive(Clone, Debug, PartialEq)]
    #[non_exhaustive]
    pub struct BatchMembershipErrors {
        /// Identities for which `accept` failed.
        pub accept: Vec<MembershipError>,
        /// Identities for which `add` failed.
        pub add: Vec<MembershipError>,
        /// Identities for which `approve` failed.
        pub approve: Vec<MembershipError>,
        /// Identities for which `change_role` failed.
        pub change_role: Vec<MembershipError>,
        /// Identities for which `decline` failed.
        pub decline: Vec<MembershipError>,
        /// Identities for which `invite` failed.
        pub invite: Vec<MembershipError>,
        /// Identities for which `join` failed.
        pub join: Vec<MembershipError>,
        /// Identities for which `leave` failed.
        pub leave: Vec<MembershipError>,
        /// Identities for which `reject` failed.
        pub reject: Vec<MembershipError>,
        /// Identities for which `remove` failed.
        pub remove: Vec<MembershipError>,
        /// Identities for which `request_join` failed.
        pub request_join: Vec<MembershipError>,
        /// Undocumented fields, as received or to be sent.
        pub extra: crate::types::ExtraFields,
        presence: crate::types::Presence<3usize>,
    }
    impl ::serde::Serialize for BatchMembershipErrors {
        fn serialize<S: ::serde::Serializer>(
            &self,
            serializer: S,
        ) -> Result<S::Ok, S::Error> {
            use ::serde::ser::SerializeMap as _;
            let mut map = serializer.serialize_map(None)?;
            self.presence
                .write_collection(
                    &mut map,
                    "accept",
                    &self.accept,
                    self.accept.is_empty(),
                    0usize,
                )?;
            self.presence
                .write_collection(
                    &mut map,
                    "add",
                    &self.add,
                    self.add.is_empty(),
                    2usize,
                )?;
            self.presence
                .write_collection(
                    &mut map,
                    "approve",
                    &self.approve,
                    self.approve.is_empty(),
                    4usize,
                )?;
            self.presence
                .write_collection(
                    &mut map,
                    "change_role",
                    &self.change_role,
                    self.change_role.is_empty(),
                    6usize,
                )?;
            self.presence
                .write_collection(
                    &mut map,
                    "decline",
                    &self.decline,
                    self.decline.is_empty(),
                    8usize,
                )?;
            self.presence
                .write_collection(
                    &mut map,
                    "invite",
                    &self.invite,
                    self.invite.is_empty(),
                    10usize,
                )?;
            self.presence
                .write_collection(
                    &mut map,
                    "join",
                    &self.join,
                    self.join.is_empty(),
                    12usize,
                )?;
            self.presence
                .write_collection(
                    &mut map,
                    "leave",
                    &self.leave,
                    self.leave.is_empty(),
                    14usize,
                )?;
            self.presence
                .write_collection(
                    &mut map,
                    "reject",
                    &self.reject,
                    self.reject.is_empty(),
                    16usize,
                )?;
            self.presence
                .write_collection(
                    &mut map,
                    "remove",
                    &self.remove,
                    self.remove.is_empty(),
                    18usize,
                )?;
            self.presence
                .write_collection(
                    &mut map,
                    "request_join",
                    &self.request_join,
                    self.request_join.is_empty(),
                    20usize,
                )?;
            for (key, value) in self.extra.iter() {
                map.serialize_entry(key, value)?;
            }
            map.end()
        }
    }
    impl<'de> ::serde::Deserialize<'de> for BatchMembershipErrors {
        fn deserialize<D: ::serde::Deserializer<'de>>(
            deserializer: D,
        ) -> Result<Self, D::Error> {
            struct Visitor;
            impl<'de> ::serde::de::Visitor<'de> for Visitor {
                type Value = BatchMembershipErrors;
                fn expecting(
                    &self,
                    f: &mut ::std::fmt::Formatter<'_>,
                ) -> ::std::fmt::Result {
                    f.write_str("a BatchMembershipErrors document")
                }
                fn visit_map<A: ::serde::de::MapAccess<'de>>(
                    self,
                    mut map: A,
                ) -> Result<BatchMembershipErrors, A::Error> {
                    let mut f_accept: Option<Vec<MembershipError>> = None;
                    let mut f_add: Option<Vec<MembershipError>> = None;
                    let mut f_approve: Option<Vec<MembershipError>> = None;
                    let mut f_change_role: Option<Vec<MembershipError>> = None;
                    let mut f_decline: Option<Vec<MembershipError>> = None;
                    let mut f_invite: Option<Vec<MembershipError>> = None;
                    let mut f_join: Option<Vec<MembershipError>> = None;
                    let mut f_leave: Option<Vec<MembershipError>> = None;
                    let mut f_reject: Option<Vec<MembershipError>> = None;
                    let mut f_remove: Option<Vec<MembershipError>> = None;
                    let mut f_request_join: Option<Vec<MembershipError>> = None;
                    let mut presence = crate::types::Presence::<3usize>::new();
                    let mut extra = crate::types::ExtraFields::default();
                    while let Some(key) = map
                        .next_key::<crate::types::decode::Key<'de>>()?
                    {
                        match &*key {
                            "accept" => f_accept = presence.read(&mut map, 0usize)?,
                            "add" => f_add = presence.read(&mut map, 2usize)?,
                            "approve" => f_approve = presence.read(&mut map, 4usize)?,
                            "change_role" => {
                                f_change_role = presence.read(&mut map, 6usize)?;
                            }
                            "decline" => f_decline = presence.read(&mut map, 8usize)?,
                            "invite" => f_invite = presence.read(&mut map, 10usize)?,
                            "join" => f_join = presence.read(&mut map, 12usize)?,
                            "leave" => f_leave = presence.read(&mut map, 14usize)?,
                            "reject" => f_reject = presence.read(&mut map, 16usize)?,
                            "remove" => f_remove = presence.read(&mut map, 18usize)?,
                            "request_join" => {
                                f_request_join = presence.read(&mut map, 20usize)?;
                            }
                            _ => extra.keep(key, map.next_value()?),
                        }
                    }
                    Ok(BatchMembershipErrors {
                        accept: presence.collection(f_accept, 0usize),
                        add: presence.collection(f_add, 2usize),
                        approve: presence.collection(f_approve, 4usize),
                        change_role: presence.collection(f_change_role, 6usize),
                        decline: presence.collection(f_decline, 8usize),
                        invite: presence.collection(f_invite, 10usize),
                        join: presence.collection(f_join, 12usize),
                        leave: presence.collection(f_leave, 14usize),
                        reject: presence.collection(f_reject, 16usize),
                        remove: presence.collection(f_remove, 18usize),
                        request_join: presence.collection(f_request_join, 20usize),
                        extra,
                        presence,
                    })
                }
            }
            deserializer.deserialize_map(Visitor)
        }
    }
    /// Why an action failed for an identity.
    #[derive(Clone, Debug, PartialEq)]
    #[non_exhaustive]
    pub struct MembershipError {
        /// The identity, as given in the request.
        pub identity_id: Option<String>,
        /// A machine-readable reason for the failure.
        pub code: Option<String>,
        /// A human-readable reason for the failure.
        pub detail: Option<String>,
        /// Undocumented fields, as received or to be sent.
        pub extra: crate::types::ExtraFields,
        presence: crate::types::Presence<1usize>,
    }
    impl ::serde::Serialize for MembershipError {
        fn serialize<S: ::serde::Serializer>(
            &self,
            serializer: S,
        ) -> Result<S::Ok, S::Error> {
            use ::serde::ser::SerializeMap as _;
            let mut map = serializer.serialize_map(None)?;
            self.presence.write(&mut map, "identity_id", &self.identity_id, 0usize)?;
            self.presence.write(&mut map, "code", &self.code, 1usize)?;
            self.presence.write(&mut map, "detail", &self.detail, 2usize)?;
            for (key, value) in self.extra.iter() {
                map.serialize_entry(key, value)?;
            }
            map.end()
        }
    }
    impl<'de> ::serde::Deserialize<'de> for MembershipError {
        fn deserialize<D: ::serde::Deserializer<'de>>(
            deserializer: D,
        ) -> Result<Self, D::Error> {
            struct Visitor;
            impl<'de> ::serde::de::Visitor<'de> for Visitor {
                type Value = MembershipError;
                fn expecting(
                    &self,
                    f: &mut ::std::fmt::Formatter<'_>,
                ) -> ::std::fmt::Result {
                    f.write_str("a MembershipError document")
                }
                fn visit_map<A: ::serde::de::MapAccess<'de>>(
                    self,
                    mut map: A,
                ) -> Result<MembershipError, A::Error> {
                    let mut f_identity_id: Option<String> = None;
                    let mut f_code: Option<String> = None;
                    let mut f_detail: Option<String> = None;
                    let mut presence = crate::types::Presence::<1usize>::new();
                    let mut extra = crate::types::ExtraFields::default();
                    while let Some(key) = map
                        .next_key::<crate::types::decode::Key<'de>>()?
                    {
                        match &*key {
                            "identity_id" => {
                                f_identity_id = presence.read(&mut map, 0usize)?;
                            }
                            "code" => f_code = presence.read(&mut map, 1usize)?,
                            "detail" => f_detail = presence.read(&mut map, 2usize)?,
                            _ => extra.keep(key, map.next_value()?),
                        }
                    }
                    Ok(MembershipError {
                        identity_id: f_identity_id,
                        code: f_code,
                        detail: f_detail,
                        extra,
                        presence,
                    })
                }
            }
            deserializer.deserialize_map(Visitor)
        }
    }
    /// The profile fields that an identity shared with a group.
    #[derive(Clone, Debug, PartialEq)]
    #[non_exhaustive]
    pub struct MembershipFields {
        /// The first name.
        pub first_name: Option<String>,
        /// The last name.
        pub last_name: Option<String>,
        /// The organization.
        pub organization: Option<String>,
        /// Where the person works or studies.
        pub institution: Option<String>,
        /// What the person works on.
        pub current_project_name: Option<String>,
        /// The address.
        pub address: Option<String>,
        /// The city.
        pub city: Option<String>,
        /// The state.
        pub state: Option<String>,
        /// The country.
        pub country: Option<String>,
        /// The first line of the address.
        pub address1: Option<String>,
        /// The second line of the address.
        pub address2: Option<String>,
        /// The postal code.
        pub zip: Option<String>,
        /// The telephone number.
        pub phone: Option<String>,
        /// The department.
        pub department: Option<String>,
        /// The field of science.
        pub field_of_science: Option<String>,
        /// Undocumented fields, as received or to be sent.
        pub extra: crate::types::ExtraFields,
        presence: crate::types::Presence<2usize>,
    }
    impl ::serde::Serialize for MembershipFields {
        fn serialize<S: ::serde::Serializer>(
            &self,
            serializer: S,
        ) -> Result<S::Ok, S::Error> {
            use ::serde::ser::SerializeMap as _;
            if self.presence.is_null(15usize) && self.extra.is_empty()
                && self.first_name.is_none() && self.last_name.is_none()
                && self.organization.is_none() && self.institution.is_none()
                && self.current_project_name.is_none() && self.address.is_none()
                && self.city.is_none() && self.state.is_none() && self.country.is_none()
                && self.address1.is_none() && self.address2.is_none()
                && self.zip.is_none() && self.phone.is_none()
                && self.department.is_none() && self.field_of_science.is_none()
            {
                return serializer.serialize_unit();
            }
            let mut map = serializer.serialize_map(None)?;
            self.presence.write(&mut map, "first_name", &self.first_name, 0usize)?;
            self.presence.write(&mut map, "last_name", &self.last_name, 1usize)?;
            self.presence.write(&mut map, "organization", &self.organization, 2usize)?;
            self.presence.write(&mut map, "institution", &self.institution, 3usize)?;
            self.presence
                .write(
                    &mut map,
                    "current_project_name",
                    &self.current_project_name,
                    4usize,
                )?;
            self.presence.write(&mut map, "address", &self.address, 5usize)?;
            self.presence.write(&mut map, "city", &self.city, 6usize)?;
            self.presence.write(&mut map, "state", &self.state, 7usize)?;
            self.presence.write(&mut map, "country", &self.country, 8usize)?;
            self.presence.write(&mut map, "address1", &self.address1, 9usize)?;
            self.presence.write(&mut map, "address2", &self.address2, 10usize)?;
            self.presence.write(&mut map, "zip", &self.zip, 11usize)?;
            self.presence.write(&mut map, "phone", &self.phone, 12usize)?;
            self.presence.write(&mut map, "department", &self.department, 13usize)?;
            self.presence
                .write(&mut map, "field_of_science", &self.field_of_science, 14usize)?;
            for (key, value) in self.extra.iter() {
                map.serialize_entry(key, value)?;
            }
            map.end()
        }
    }
    impl<'de> ::serde::Deserialize<'de> for MembershipFields {
        fn deserialize<D: ::serde::Deserializer<'de>>(
            deserializer: D,
        ) -> Result<Self, D::Error> {
            struct Visitor;
            impl<'de> ::serde::de::Visitor<'de> for Visitor {
                type Value = MembershipFields;
                fn expecting(
                    &self,
                    f: &mut ::std::fmt::Formatter<'_>,
                ) -> ::std::fmt::Result {
                    f.write_str("a MembershipFields document")
                }
                fn visit_map<A: ::serde::de::MapAccess<'de>>(
                    self,
                    mut map: A,
                ) -> Result<MembershipFields, A::Error> {
                    let mut f_first_name: Option<String> = None;
                    let mut f_last_name: Option<String> = None;
                    let mut f_organization: Option<String> = None;
                    let mut f_institution: Option<String> = None;
                    let mut f_current_project_name: Option<String> = None;
                    let mut f_address: Option<String> = None;
                    let mut f_city: Option<String> = None;
                    let mut f_state: Option<String> = None;
                    let mut f_country: Option<String> = None;
                    let mut f_address1: Option<String> = None;
                    let mut f_address2: Option<String> = None;
                    let mut f_zip: Option<String> = None;
                    let mut f_phone: Option<String> = None;
                    let mut f_department: Option<String> = None;
                    let mut f_field_of_science: Option<String> = None;
                    let mut presence = crate::types::Presence::<2usize>::new();
                    let mut extra = crate::types::ExtraFields::default();
                    while let Some(key) = map
                        .next_key::<crate::types::decode::Key<'de>>()?
                    {
                        match &*key {
                            "first_name" => {
                                f_first_name = presence.read(&mut map, 0usize)?;
                            }
                            "last_name" => f_last_name = presence.read(&mut map, 1usize)?,
                            "organization" => {
                                f_organization = presence.read(&mut map, 2usize)?;
                            }
                            "institution" => {
                                f_institution = presence.read(&mut map, 3usize)?;
                            }
                            "current_project_name" => {
                                f_current_project_name = presence.read(&mut map, 4usize)?;
                            }
                            "address" => f_address = presence.read(&mut map, 5usize)?,
                            "city" => f_city = presence.read(&mut map, 6usize)?,
                            "state" => f_state = presence.read(&mut map, 7usize)?,
                            "country" => f_country = presence.read(&mut map, 8usize)?,
                            "address1" => f_address1 = presence.read(&mut map, 9usize)?,
                            "address2" => f_address2 = presence.read(&mut map, 10usize)?,
                            "zip" => f_zip = presence.read(&mut map, 11usize)?,
                            "phone" => f_phone = presence.read(&mut map, 12usize)?,
                            "department" => {
                                f_department = presence.read(&mut map, 13usize)?;
                            }
                            "field_of_science" => {
                                f_field_of_science = presence.read(&mut map, 14usize)?;
                            }
                            _ => extra.keep(key, map.next_value()?),
                        }
                    }
                    Ok(MembershipFields {
                        first_name: f_first_name,
                        last_name: f_last_name,
                        organization: f_organization,
                        institution: f_institution,
                        current_project_name: f_current_project_name,
                        address: f_address,
                        city: f_city,
                        state: f_state,
                        country: f_country,
                        address1: f_address1,
                        address2: f_address2,
                        zip: f_zip,
                        phone: f_phone,
                        department: f_department,
                        field_of_science: f_field_of_science,
                        extra,
                        presence,
                    })
                }
                fn visit_unit<E: ::serde::de::Error>(
                    self,
                ) -> Result<MembershipFields, E> {
                    let mut document = self
                        .visit_map(crate::types::decode::no_fields())?;
                    document.presence.set_null(15usize);
                    Ok(document)
                }
            }
            deserializer.deserialize_any(Visitor)
        }
    }
    /// The profile fields to share with a group. Null clears a field.
    #[derive(Clone, Debug, PartialEq, Default)]
    #[non_exhaustive]
    pub struct MembershipFieldsUpdate {
        /// The first name.
        pub first_name: crate::types::Nullable<String>,
        /// The last name.
        pub last_name: crate::types::Nullable<String>,
        /// The organization.
        pub organization: crate::types::Nullable<String>,
        /// Where the person works or studies.
        pub institution: crate::types::Nullable<String>,
        /// What the person works on.
        pub current_project_name: crate::types::Nullable<String>,
        /// The address.
        pub address: crate::types::Nullable<String>,
        /// The city.
        pub city: crate::types::Nullable<String>,
        /// The state.
        pub state: crate::types::Nullable<String>,
        /// The country.
        pub country: crate::types::Nullable<String>,
        /// The first line of the address.
        pub address1: crate::types::Nullable<String>,
        /// The second line of the address.
        pub address2: crate::types::Nullable<String>,
        /// The postal code.
        pub zip: crate::types::Nullable<String>,
        /// The telephone number.
        pub phone: crate::types::Nullable<String>,
        /// The department.
        pub department: crate::types::Nullable<String>,
        /// The field of science.
        pub field_of_science: crate::types::Nullable<String>,
        /// Undocumented fields, as received or to be sent.
        pub extra: crate::types::ExtraFields,
    }
    impl MembershipFieldsUpdate {
        /// Creates a document with its required fields. All others are unset and not sent.
        pub fn new() -> Self {
            Self {
                first_name: Default::default(),
                last_name: Default::default(),
                organization: Default::default(),
                institution: Default::default(),
                current_project_name: Default::default(),
                address: Default::default(),
                city: Default::default(),
                state: Default::default(),
                country: Default::default(),
                address1: Default::default(),
                address2: Default::default(),
                zip: Default::default(),
                phone: Default::default(),
                department: Default::default(),
                field_of_science: Default::default(),
                extra: Default::default(),
            }
        }
        /// The first name.
        #[must_use]
        pub fn first_name(mut self, value: impl Into<String>) -> Self {
            self.first_name = crate::types::Nullable::Value(value.into());
            self
        }
        /// Sends null for `first_name`, which clears it.
        #[must_use]
        pub fn clear_first_name(mut self) -> Self {
            self.first_name = crate::types::Nullable::Null;
            self
        }
        /// The last name.
        #[must_use]
        pub fn last_name(mut self, value: impl Into<String>) -> Self {
            self.last_name = crate::types::Nullable::Value(value.into());
            self
        }
        /// Sends null for `last_name`, which clears it.
        #[must_use]
        pub fn clear_last_name(mut self) -> Self {
            self.last_name = crate::types::Nullable::Null;
            self
        }
        /// The organization.
        #[must_use]
        pub fn organization(mut self, value: impl Into<String>) -> Self {
            self.organization = crate::types::Nullable::Value(value.into());
            self
        }
        /// Sends null for `organization`, which clears it.
        #[must_use]
        pub fn clear_organization(mut self) -> Self {
            self.organization = crate::types::Nullable::Null;
            self
        }
        /// Where the person works or studies.
        #[must_use]
        pub fn institution(mut self, value: impl Into<String>) -> Self {
            self.institution = crate::types::Nullable::Value(value.into());
            self
        }
        /// Sends null for `institution`, which clears it.
        #[must_use]
        pub fn clear_institution(mut self) -> Self {
            self.institution = crate::types::Nullable::Null;
            self
        }
        /// What the person works on.
        #[must_use]
        pub fn current_project_name(mut self, value: impl Into<String>) -> Self {
            self.current_project_name = crate::types::Nullable::Value(value.into());
            self
        }
        /// Sends null for `current_project_name`, which clears it.
        #[must_use]
        pub fn clear_current_project_name(mut self) -> Self {
            self.current_project_name = crate::types::Nullable::Null;
            self
        }
        /// The address.
        #[must_use]
        pub fn address(mut self, value: impl Into<String>) -> Self {
            self.address = crate::types::Nullable::Value(value.into());
            self
        }
        /// Sends null for `address`, which clears it.
        #[must_use]
        pub fn clear_address(mut self) -> Self {
            self.address = crate::types::Nullable::Null;
            self
        }
        /// The city.
        #[must_use]
        pub fn city(mut self, value: impl Into<String>) -> Self {
            self.city = crate::types::Nullable::Value(value.into());
            self
        }
        /// Sends null for `city`, which clears it.
        #[must_use]
        pub fn clear_city(mut self) -> Self {
            self.city = crate::types::Nullable::Null;
            self
        }
        /// The state.
        #[must_use]
        pub fn state(mut self, value: impl Into<String>) -> Self {
            self.state = crate::types::Nullable::Value(value.into());
            self
        }
        /// Sends null for `state`, which clears it.
        #[must_use]
        pub fn clear_state(mut self) -> Self {
            self.state = crate::types::Nullable::Null;
            self
        }
        /// The country.
        #[must_use]
        pub fn country(mut self, value: impl Into<String>) -> Self {
            self.country = crate::types::Nullable::Value(value.into());
            self
        }
        /// Sends null for `country`, which clears it.
        #[must_use]
        pub fn clear_country(mut self) -> Self {
            self.country = crate::types::Nullable::Null;
            self
        }
        /// The first line of the address.
        #[must_use]
        pub fn address1(mut self, value: impl Into<String>) -> Self {
            self.address1 = crate::types::Nullable::Value(value.into());
            self
        }
        /// Sends null for `address1`, which clears it.
        #[must_use]
        pub fn clear_address1(mut self) -> Self {
            self.address1 = crate::types::Nullable::Null;
            self
        }
        /// The second line of the address.
        #[must_use]
        pub fn address2(mut self, value: impl Into<String>) -> Self {
            self.address2 = crate::types::Nullable::Value(value.into());
            self
        }
        /// Sends null for `address2`, which clears it.
        #[must_use]
        pub fn clear_address2(mut self) -> Self {
            self.address2 = crate::types::Nullable::Null;
            self
        }
        /// The postal code.
        #[must_use]
        pub fn zip(mut self, value: impl Into<String>) -> Self {
            self.zip = crate::types::Nullable::Value(value.into());
            self
        }
        /// Sends null for `zip`, which clears it.
        #[must_use]
        pub fn clear_zip(mut self) -> Self {
            self.zip = crate::types::Nullable::Null;
            self
        }
        /// The telephone number.
        #[must_use]
        pub fn phone(mut self, value: impl Into<String>) -> Self {
            self.phone = crate::types::Nullable::Value(value.into());
            self
        }
        /// Sends null for `phone`, which clears it.
        #[must_use]
        pub fn clear_phone(mut self) -> Self {
            self.phone = crate::types::Nullable::Null;
            self
        }
        /// The department.
        #[must_use]
        pub fn department(mut self, value: impl Into<String>) -> Self {
            self.department = crate::types::Nullable::Value(value.into());
            self
        }
        /// Sends null for `department`, which clears it.
        #[must_use]
        pub fn clear_department(mut self) -> Self {
            self.department = crate::types::Nullable::Null;
            self
        }
        /// The field of science.
        #[must_use]
        pub fn field_of_science(mut self, value: impl Into<String>) -> Self {
            self.field_of_science = crate::types::Nullable::Value(value.into());
            self
        }
        /// Sends null for `field_of_science`, which clears it.
        #[must_use]
        pub fn clear_field_of_science(mut self) -> Self {
            self.field_of_science = crate::types::Nullable::Null;
            self
        }
    }
    impl ::serde::Serialize for MembershipFieldsUpdate {
        fn serialize<S: ::serde::Serializer>(
            &self,
            serializer: S,
        ) -> Result<S::Ok, S::Error> {
            use ::serde::ser::SerializeMap as _;
            let mut map = serializer.serialize_map(None)?;
            if let Some(value) = self.first_name.sent() {
                map.serialize_entry("first_name", &value)?;
            }
            if let Some(value) = self.last_name.sent() {
                map.serialize_entry("last_name", &value)?;
            }
            if let Some(value) = self.organization.sent() {
                map.serialize_entry("organization", &value)?;
            }
            if let Some(value) = self.institution.sent() {
                map.serialize_entry("institution", &value)?;
            }
            if let Some(value) = self.current_project_name.sent() {
                map.serialize_entry("current_project_name", &value)?;
            }
            if let Some(value) = self.address.sent() {
                map.serialize_entry("address", &value)?;
            }
            if let Some(value) = self.city.sent() {
                map.serialize_entry("city", &value)?;
            }
            if let Some(value) = self.state.sent() {
                map.serialize_entry("state", &value)?;
            }
            if let Some(value) = self.country.sent() {
                map.serialize_entry("country", &value)?;
            }
            if let Some(value) = self.address1.sent() {
                map.serialize_entry("address1", &value)?;
            }
            if let Some(value) = self.address2.sent() {
                map.serialize_entry("address2", &value)?;
            }
            if let Some(value) = self.zip.sent() {
                map.serialize_entry("zip", &value)?;
            }
            if let Some(value) = self.phone.sent() {
                map.serialize_entry("phone", &value)?;
            }
            if let Some(value) = self.department.sent() {
                map.serialize_entry("department", &value)?;
            }
            if let Some(value) = self.field_of_science.sent() {
                map.serialize_entry("field_of_science", &value)?;
            }
            for (key, value) in self.extra.iter() {
                map.serialize_entry(key, value)?;
            }
            map.end()
        }
    }
    impl<'de> ::serde::Deserialize<'de> for MembershipFieldsUpdate {
        fn deserialize<D: ::serde::Deserializer<'de>>(
            deserializer: D,
        ) -> Result<Self, D::Error> {
            struct Visitor;
            impl<'de> ::serde::de::Visitor<'de> for Visitor {
                type Value = MembershipFieldsUpdate;
                fn expecting(
                    &self,
                    f: &mut ::std::fmt::Formatter<'_>,
                ) -> ::std::fmt::Result {
                    f.write_str("a MembershipFieldsUpdate document")
                }
                fn visit_map<A: ::serde::de::MapAccess<'de>>(
                    self,
                    mut map: A,
                ) -> Result<MembershipFieldsUpdate, A::Error> {
                    let mut f_first_name = crate::types::Nullable::<String>::Absent;
                    let mut f_last_name = crate::types::Nullable::<String>::Absent;
                    let mut f_organization = crate::types::Nullable::<String>::Absent;
                    let mut f_institution = crate::types::Nullable::<String>::Absent;
                    let mut f_current_project_name = crate::types::Nullable::<
                        String,
                    >::Absent;
                    let mut f_address = crate::types::Nullable::<String>::Absent;
                    let mut f_city = crate::types::Nullable::<String>::Absent;
                    let mut f_state = crate::types::Nullable::<String>::Absent;
                    let mut f_country = crate::types::Nullable::<String>::Absent;
                    let mut f_address1 = crate::types::Nullable::<String>::Absent;
                    let mut f_address2 = crate::types::Nullable::<String>::Absent;
                    let mut f_zip = crate::types::Nullable::<String>::Absent;
                    let mut f_phone = crate::types::Nullable::<String>::Absent;
                    let mut f_department = crate::types::Nullable::<String>::Absent;
                    let mut f_field_of_science = crate::types::Nullable::<
                        String,
                    >::Absent;
                    let mut extra = crate::types::ExtraFields::default();
                    while let Some(key) = map
                        .next_key::<crate::types::decode::Key<'de>>()?
                    {
                        match &*key {
                            "first_name" => f_first_name = map.next_value()?,
                            "last_name" => f_last_name = map.next_value()?,
                            "organization" => f_organization = map.next_value()?,
                            "institution" => f_institution = map.next_value()?,
                            "current_project_name" => {
                                f_current_project_name = map.next_value()?;
                            }
                            "address" => f_address = map.next_value()?,
                            "city" => f_city = map.next_value()?,
                            "state" => f_state = map.next_value()?,
                            "country" => f_country = map.next_value()?,
                            "address1" => f_address1 = map.next_value()?,
                            "address2" => f_address2 = map.next_value()?,
                            "zip" => f_zip = map.next_value()?,
                            "phone" => f_phone = map.next_value()?,
                            "department" => f_department = map.next_value()?,
                            "field_of_science" => f_field_of_science = map.next_value()?,
                            _ => extra.keep(key, map.next_value()?),
                        }
                    }
                    Ok(MembershipFieldsUpdate {
                        first_name: f_first_name,
                        last_name: f_last_name,
                        organization: f_organization,
                        institution: f_institution,
                        current_project_name: f_current_project_name,
                        address: f_address,
                        city: f_city,
                        state: f_state,
                        country: f_country,
                        address1: f_address1,
                        address2: f_address2,
                        zip: f_zip,
                        phone: f_phone,
                        department: f_department,
                        field_of_science: f_field_of_science,
                        extra,
                    })
                }
            }
            deserializer.deserialize_map(Visitor)
        }
    }
    /// The preferences of an identity.
    #[derive(Clone, Debug, PartialEq)]
    #[non_exhaustive]
    pub struct IdentityPreferences {
        /// Whether the identity can be added to groups without being asked. Null if no preference was set.
        pub allow_add: Option<bool>,
        /// Undocumented fields, as received or to be sent.
        pub extra: crate::types::ExtraFields,
        presence: crate::types::Presence<1usize>,
    }
    impl ::serde::Serialize for IdentityPreferences {
        fn serialize<S: ::serde::Serializer>(
            &self,
            serializer: S,
        ) -> Result<S::Ok, S::Error> {
            use ::serde::ser::SerializeMap as _;
            if self.presence.is_null(1usize) && self.extra.is_empty()
                && self.allow_add.is_none()
            {
                return serializer.serialize_unit();
            }
            let mut map = serializer.serialize_map(None)?;
            self.presence.write(&mut map, "allow_add", &self.allow_add, 0usize)?;
            for (key, value) in self.extra.iter() {
                map.serialize_entry(key, value)?;
            }
            map.end()
        }
    }
    impl<'de> ::serde::Deserialize<'de> for IdentityPreferences {
        fn deserialize<D: ::serde::Deserializer<'de>>(
            deserializer: D,
        ) -> Result<Self, D::Error> {
            struct Visitor;
            impl<'de> ::serde::de::Visitor<'de> for Visitor {
                type Value = IdentityPreferences;
                fn expecting(
                    &self,
                    f: &mut ::std::fmt::Formatter<'_>,
                ) -> ::std::fmt::Result {
                    f.write_str("an IdentityPreferences document")
                }
                fn visit_map<A: ::serde::de::MapAccess<'de>>(
                    self,
                    mut map: A,
                ) -> Result<IdentityPreferences, A::Error> {
                    let mut f_allow_add: Option<bool> = None;
                    let mut presence = crate::types::Presence::<1usize>::new();
                    let mut extra = crate::types::ExtraFields::default();
                    while let Some(key) = map
                        .next_key::<crate::types::decode::Key<'de>>()?
                    {
                        match &*key {
                            "allow_add" => f_allow_add = presence.read(&mut map, 0usize)?,
                            _ => extra.keep(key, map.next_value()?),
                        }
                    }
                    Ok(IdentityPreferences {
                        allow_add: f_allow_add,
                        extra,
                        presence,
                    })
                }
                fn visit_unit<E: ::serde::de::Error>(
                    self,
                ) -> Result<IdentityPreferences, E> {
                    let mut document = self
                        .visit_map(crate::types::decode::no_fields())?;
                    document.presence.set_null(1usize);
                    Ok(document)
                }
            }
            deserializer.deserialize_any(Visitor)
        }
    }
    /// The preferences to set for an identity.
    #[derive(Clone, Debug, PartialEq)]
    #[non_exhaustive]
    pub struct IdentityPreferencesUpdate {
        /// Whether the identity can be added to groups without being asked. Null for no preference.
        pub allow_add: Option<bool>,
        /// Undocumented fields, as received or to be sent.
        pub extra: crate::types::ExtraFields,
    }
    impl IdentityPreferencesUpdate {
        /// Creates a document with its required fields. All others are unset and not sent.
        pub fn new(allow_add: Option<bool>) -> Self {
            Self {
                allow_add: {
                    let value = allow_add;
                    value
                },
                extra: Default::default(),
            }
        }
    }
    impl ::serde::Serialize for IdentityPreferencesUpdate {
        fn serialize<S: ::serde::Serializer>(
            &self,
            serializer: S,
        ) -> Result<S::Ok, S::Error> {
            use ::serde::ser::SerializeMap as _;
            let mut map = serializer.serialize_map(None)?;
            map.serialize_entry("allow_add", &self.allow_add)?;
            for (key, value) in self.extra.iter() {
                map.serialize_entry(key, value)?;
            }
            map.end()
        }
    }
    impl<'de> ::serde::Deserialize<'de> for IdentityPreferencesUpdate {
        fn deserialize<D: ::serde::Deserializer<'de>>(
            deserializer: D,
        ) -> Result<Self, D::Error> {
            struct Visitor;
            impl<'de> ::serde::de::Visitor<'de> for Visitor {
                type Value = IdentityPreferencesUpdate;
                fn expecting(
                    &self,
                    f: &mut ::std::fmt::Formatter<'_>,
                ) -> ::std::fmt::Result {
                    f.write_str("an IdentityPreferencesUpdate document")
                }
                fn visit_map<A: ::serde::de::MapAccess<'de>>(
                    self,
                    mut map: A,
                ) -> Result<IdentityPreferencesUpdate, A::Error> {
                    let mut f_allow_add: Option<bool> = None;
                    let mut extra = crate::types::ExtraFields::default();
                    while let Some(key) = map
                        .next_key::<crate::types::decode::Key<'de>>()?
                    {
                        match &*key {
                            "allow_add" => f_allow_add = map.next_value()?,
                            _ => extra.keep(key, map.next_value()?),
                        }
                    }
                    Ok(IdentityPreferencesUpdate {
                        allow_add: f_allow_add,
                        extra,
                    })
                }
            }
            deserializer.deserialize_map(Visitor)
        }
    }
    /// A subscription.
    #[derive(Clone, Debug, PartialEq)]
    #[non_exhaustive]
    pub struct Subscription {
        /// The name of the subscription.
        pub name: Option<String>,
        /// The name of the subscriber.
        pub subscriber_name: Option<String>,
        /// Whether it covers high-assurance data.
        pub is_high_assurance: Option<bool>,
        /// Whether it covers health data under a business associate agreement.
        pub is_baa: Option<bool>,
        /// The kinds of storage that it covers, keyed by connector ID.
        pub connectors: ::std::collections::BTreeMap<String, ConnectorSubscription>,
        /// Undocumented fields, as received or to be sent.
        pub extra: crate::types::ExtraFields,
        presence: crate::types::Presence<1usize>,
    }
    impl ::serde::Serialize for Subscription {
        fn serialize<S: ::serde::Serializer>(
            &self,
            serializer: S,
        ) -> Result<S::Ok, S::Error> {
            use ::serde::ser::SerializeMap as _;
            let mut map = serializer.serialize_map(None)?;
            self.presence.write(&mut map, "name", &self.name, 0usize)?;
            self.presence
                .write(&mut map, "subscriber_name", &self.subscriber_name, 1usize)?;
            self.presence
                .write(&mut map, "is_high_assurance", &self.is_high_assurance, 2usize)?;
            self.presence.write(&mut map, "is_baa", &self.is_baa, 3usize)?;
            self.presence
                .write_collection(
                    &mut map,
                    "connectors",
                    &self.connectors,
                    self.connectors.is_empty(),
                    4usize,
                )?;
            for (key, value) in self.extra.iter() {
                map.serialize_entry(key, value)?;
            }
            map.end()
        }
    }
    impl<'de> ::serde::Deserialize<'de> for Subscription {
        fn deserialize<D: ::serde::Deserializer<'de>>(
            deserializer: D,
        ) -> Result<Self, D::Error> {
            struct Visitor;
            impl<'de> ::serde::de::Visitor<'de> for Visitor {
                type Value = Subscription;
                fn expecting(
                    &self,
                    f: &mut ::std::fmt::Formatter<'_>,
                ) -> ::std::fmt::Result {
                    f.write_str("a Subscription document")
                }
                fn visit_map<A: ::serde::de::MapAccess<'de>>(
                    self,
                    mut map: A,
                ) -> Result<Subscription, A::Error> {
                    let mut f_name: Option<String> = None;
                    let mut f_subscriber_name: Option<String> = None;
                    let mut f_is_high_assurance: Option<bool> = None;
                    let mut f_is_baa: Option<bool> = None;
                    let mut f_connectors: Option<
                        ::std::collections::BTreeMap<String, ConnectorSubscription>,
                    > = None;
                    let mut presence = crate::types::Presence::<1usize>::new();
                    let mut extra = crate::types::ExtraFields::default();
                    while let Some(key) = map
                        .next_key::<crate::types::decode::Key<'de>>()?
                    {
                        match &*key {
                            "name" => f_name = presence.read(&mut map, 0usize)?,
                            "subscriber_name" => {
                                f_subscriber_name = presence.read(&mut map, 1usize)?;
                            }
                            "is_high_assurance" => {
                                f_is_high_assurance = presence.read(&mut map, 2usize)?;
                            }
                            "is_baa" => f_is_baa = presence.read(&mut map, 3usize)?,
                            "connectors" => {
                                f_connectors = presence.read(&mut map, 4usize)?;
                            }
                            _ => extra.keep(key, map.next_value()?),
                        }
                    }
                    Ok(Subscription {
                        name: f_name,
                        subscriber_name: f_subscriber_name,
                        is_high_assurance: f_is_high_assurance,
                        is_baa: f_is_baa,
                        connectors: presence.collection(f_connectors, 4usize),
                        extra,
                        presence,
                    })
                }
            }
            deserializer.deserialize_map(Visitor)
        }
    }
    /// What a subscription covers for one kind of storage.
    #[derive(Clone, Debug, PartialEq)]
    #[non_exhaustive]
    pub struct ConnectorSubscription {
        /// Whether high-assurance data is covered.
        pub is_ha: Option<bool>,
        /// Whether health data is covered.
        pub is_baa: Option<bool>,
        /// Undocumented fields, as received or to be sent.
        pub extra: crate::types::ExtraFields,
        presence: crate::types::Presence<1usize>,
    }
    impl ::serde::Serialize for ConnectorSubscription {
        fn serialize<S: ::serde::Serializer>(
            &self,
            serializer: S,
        ) -> Result<S::Ok, S::Error> {
            use ::serde::ser::SerializeMap as _;
            if self.presence.is_null(2usize) && self.extra.is_empty()
                && self.is_ha.is_none() && self.is_baa.is_none()
            {
                return serializer.serialize_unit();
            }
            let mut map = serializer.serialize_map(None)?;
            self.presence.write(&mut map, "is_ha", &self.is_ha, 0usize)?;
            self.presence.write(&mut map, "is_baa", &self.is_baa, 1usize)?;
            for (key, value) in self.extra.iter() {
                map.serialize_entry(key, value)?;
            }
            map.end()
        }
    }
    impl<'de> ::serde::Deserialize<'de> for ConnectorSubscription {
        fn deserialize<D: ::serde::Deserializer<'de>>(
            deserializer: D,
        ) -> Result<Self, D::Error> {
            struct Visitor;
            impl<'de> ::serde::de::Visitor<'de> for Visitor {
                type Value = ConnectorSubscription;
                fn expecting(
                    &self,
                    f: &mut ::std::fmt::Formatter<'_>,
                ) -> ::std::fmt::Result {
                    f.write_str("a ConnectorSubscription document")
                }
                fn visit_map<A: ::serde::de::MapAccess<'de>>(
                    self,
                    mut map: A,
                ) -> Result<ConnectorSubscription, A::Error> {
                    let mut f_is_ha: Option<bool> = None;
                    let mut f_is_baa: Option<bool> = None;
                    let mut presence = crate::types::Presence::<1usize>::new();
                    let mut extra = crate::types::ExtraFields::default();
                    while let Some(key) = map
                        .next_key::<crate::types::decode::Key<'de>>()?
                    {
                        match &*key {
                            "is_ha" => f_is_ha = presence.read(&mut map, 0usize)?,
                            "is_baa" => f_is_baa = presence.read(&mut map, 1usize)?,
                            _ => extra.keep(key, map.next_value()?),
                        }
                    }
                    Ok(ConnectorSubscription {
                        is_ha: f_is_ha,
                        is_baa: f_is_baa,
                        extra,
                        presence,
                    })
                }
                fn visit_unit<E: ::serde::de::Error>(
                    self,
                ) -> Result<ConnectorSubscription, E> {
                    let mut document = self
                        .visit_map(crate::types::decode::no_fields())?;
                    document.presence.set_null(2usize);
                    Ok(document)
                }
            }
            deserializer.deserialize_any(Visitor)
        }
    }
    /// The group that provides a subscription.
    #[derive(Clone, Debug, PartialEq)]
    #[non_exhaustive]
    pub struct SubscriptionGroup {
        /// The ID of the group.
        pub group_id: crate::types::Uuid,
        /// The ID of the subscription.
        pub subscription_id: Option<crate::types::Uuid>,
        /// What the subscription covers.
        pub subscription_info: Option<SubscriptionSummary>,
        /// Undocumented fields, as received or to be sent.
        pub extra: crate::types::ExtraFields,
        presence: crate::types::Presence<1usize>,
    }
    impl ::serde::Serialize for SubscriptionGroup {
        fn serialize<S: ::serde::Serializer>(
            &self,
            serializer: S,
        ) -> Result<S::Ok, S::Error> {
            use ::serde::ser::SerializeMap as _;
            let mut map = serializer.serialize_map(None)?;
            map.serialize_entry("group_id", &self.group_id)?;
            self.presence
                .write(&mut map, "subscription_id", &self.subscription_id, 0usize)?;
            self.presence
                .write(&mut map, "subscription_info", &self.subscription_info, 1usize)?;
            for (key, value) in self.extra.iter() {
                map.serialize_entry(key, value)?;
            }
            map.end()
        }
    }
    impl<'de> ::serde::Deserialize<'de> for SubscriptionGroup {
        fn deserialize<D: ::serde::Deserializer<'de>>(
            deserializer: D,
        ) -> Result<Self, D::Error> {
            struct Visitor;
            impl<'de> ::serde::de::Visitor<'de> for Visitor {
                type Value = SubscriptionGroup;
                fn expecting(
                    &self,
                    f: &mut ::std::fmt::Formatter<'_>,
                ) -> ::std::fmt::Result {
                    f.write_str("a SubscriptionGroup document")
                }
                fn visit_map<A: ::serde::de::MapAccess<'de>>(
                    self,
                    mut map: A,
                ) -> Result<SubscriptionGroup, A::Error> {
                    let mut f_group_id: Option<crate::types::Uuid> = None;
                    let mut f_subscription_id: Option<crate::types::Uuid> = None;
                    let mut f_subscription_info: Option<SubscriptionSummary> = None;
                    let mut presence = crate::types::Presence::<1usize>::new();
                    let mut extra = crate::types::ExtraFields::default();
                    while let Some(key) = map
                        .next_key::<crate::types::decode::Key<'de>>()?
                    {
                        match &*key {
                            "group_id" => f_group_id = Some(map.next_value()?),
                            "subscription_id" => {
                                f_subscription_id = presence.read(&mut map, 0usize)?;
                            }
                            "subscription_info" => {
                                f_subscription_info = presence.read(&mut map, 1usize)?;
                            }
                            _ => extra.keep(key, map.next_value()?),
                        }
                    }
                    Ok(SubscriptionGroup {
                        group_id: crate::types::decode::required(
                            f_group_id,
                            "group_id",
                        )?,
                        subscription_id: f_subscription_id,
                        subscription_info: f_subscription_info,
                        extra,
                        presence,
                    })
                }
            }
            deserializer.deserialize_map(Visitor)
        }
    }
    /// A subscription without its name.
    #[derive(Clone, Debug, PartialEq)]
    #[non_exhaustive]
    pub struct SubscriptionSummary {
        /// Whether it covers high-assurance data.
        pub is_high_assurance: Option<bool>,
        /// Whether it covers health data under a business associate agreement.
        pub is_baa: Option<bool>,
        /// The kinds of storage that it covers, keyed by connector ID.
        pub connectors: ::std::collections::BTreeMap<String, ConnectorSubscription>,
        /// Undocumented fields, as received or to be sent.
        pub extra: crate::types::ExtraFields,
        presence: crate::types::Presence<1usize>,
    }
    impl ::serde::Serialize for SubscriptionSummary {
        fn serialize<S: ::serde::Serializer>(
            &self,
            serializer: S,
        ) -> Result<S::Ok, S::Error> {
            use ::serde::ser::SerializeMap as _;
            let mut map = serializer.serialize_map(None)?;
            self.presence
                .write(&mut map, "is_high_assurance", &self.is_high_assurance, 0usize)?;
            self.presence.write(&mut map, "is_baa", &self.is_baa, 1usize)?;
            self.presence
                .write_collection(
                    &mut map,
                    "connectors",
                    &self.connectors,
                    self.connectors.is_empty(),
                    2usize,
                )?;
            for (key, value) in self.extra.iter() {
                map.serialize_entry(key, value)?;
            }
            map.end()
        }
    }
    impl<'de> ::serde::Deserialize<'de> for SubscriptionSummary {
        fn deserialize<D: ::serde::Deserializer<'de>>(
            deserializer: D,
        ) -> Result<Self, D::Error> {
            struct Visitor;
            impl<'de> ::serde::de::Visitor<'de> for Visitor {
                type Value = SubscriptionSummary;
                fn expecting(
                    &self,
                    f: &mut ::std::fmt::Formatter<'_>,
                ) -> ::std::fmt::Result {
                    f.write_str("a SubscriptionSummary document")
                }
                fn visit_map<A: ::serde::de::MapAccess<'de>>(
                    self,
                    mut map: A,
                ) -> Result<SubscriptionSummary, A::Error> {
                    let mut f_is_high_assurance: Option<bool> = None;
                    let mut f_is_baa: Option<bool> = None;
                    let mut f_connectors: Option<
                        ::std::collections::BTreeMap<String, ConnectorSubscription>,
                    > = None;
                    let mut presence = crate::types::Presence::<1usize>::new();
                    let mut extra = crate::types::ExtraFields::default();
                    while let Some(key) = map
                        .next_key::<crate::types::decode::Key<'de>>()?
                    {
                        match &*key {
                            "is_high_assurance" => {
                                f_is_high_assurance = presence.read(&mut map, 0usize)?;
                            }
                            "is_baa" => f_is_baa = presence.read(&mut map, 1usize)?,
                            "connectors" => {
                                f_connectors = presence.read(&mut map, 2usize)?;
                            }
                            _ => extra.keep(key, map.next_value()?),
                        }
                    }
                    Ok(SubscriptionSummary {
                        is_high_assurance: f_is_high_assurance,
                        is_baa: f_is_baa,
                        connectors: presence.collection(f_connectors, 2usize),
                        extra,
                        presence,
                    })
                }
            }
            deserializer.deserialize_map(Visitor)
        }
    }
    /// The subscription that verified a group.
    #[derive(Clone, Debug, PartialEq)]
    #[non_exhaustive]
    pub struct SubscriptionAdminVerified {
        /// The ID of the group.
        pub group_id: Option<crate::types::Uuid>,
        /// The ID of the subscription. Null for none.
        pub subscription_admin_verified_id: Option<crate::types::Uuid>,
        /// Undocumented fields, as received or to be sent.
        pub extra: crate::types::ExtraFields,
        presence: crate::types::Presence<1usize>,
    }
    impl ::serde::Serialize for SubscriptionAdminVerified {
        fn serialize<S: ::serde::Serializer>(
            &self,
            serializer: S,
        ) -> Result<S::Ok, S::Error> {
            use ::serde::ser::SerializeMap as _;
            let mut map = serializer.serialize_map(None)?;
            self.presence.write(&mut map, "group_id", &self.group_id, 0usize)?;
            self.presence
                .write(
                    &mut map,
                    "subscription_admin_verified_id",
                    &self.subscription_admin_verified_id,
                    1usize,
                )?;
            for (key, value) in self.extra.iter() {
                map.serialize_entry(key, value)?;
            }
            map.end()
        }
    }
    impl<'de> ::serde::Deserialize<'de> for SubscriptionAdminVerified {
        fn deserialize<D: ::serde::Deserializer<'de>>(
            deserializer: D,
        ) -> Result<Self, D::Error> {
            struct Visitor;
            impl<'de> ::serde::de::Visitor<'de> for Visitor {
                type Value = SubscriptionAdminVerified;
                fn expecting(
                    &self,
                    f: &mut ::std::fmt::Formatter<'_>,
                ) -> ::std::fmt::Result {
                    f.write_str("a SubscriptionAdminVerified document")
                }
                fn visit_map<A: ::serde::de::MapAccess<'de>>(
                    self,
                    mut map: A,
                ) -> Result<SubscriptionAdminVerified, A::Error> {
                    let mut f_group_id: Option<crate::types::Uuid> = None;
                    let mut f_subscription_admin_verified_id: Option<
                        crate::types::Uuid,
                    > = None;
                    let mut presence = crate::types::Presence::<1usize>::new();
                    let mut extra = crate::types::ExtraFields::default();
                    while let Some(key) = map
                        .next_key::<crate::types::decode::Key<'de>>()?
                    {
                        match &*key {
                            "group_id" => f_group_id = presence.read(&mut map, 0usize)?,
                            "subscription_admin_verified_id" => {
                                f_subscription_admin_verified_id = presence
                                    .read(&mut map, 1usize)?;
                            }
                            _ => extra.keep(key, map.next_value()?),
                        }
                    }
                    Ok(SubscriptionAdminVerified {
                        group_id: f_group_id,
                        subscription_admin_verified_id: f_subscription_admin_verified_id,
                        extra,
                        presence,
                    })
                }
            }
            deserializer.deserialize_map(Visitor)
        }
    }
    /// The subscription that verifies a group.
    #[derive(Clone, Debug, PartialEq)]
    #[non_exhaustive]
    pub struct SubscriptionAdminVerifiedUpdate {
        /// The ID of the subscription. Null for none.
        pub subscription_admin_verified_id: Option<crate::types::Uuid>,
        /// Undocumented fields, as received or to be sent.
        pub extra: crate::types::ExtraFields,
    }
    impl SubscriptionAdminVerifiedUpdate {
        /// Creates a document with its required fields. All others are unset and not sent.
        pub fn new(subscription_admin_verified_id: Option<crate::types::Uuid>) -> Self {
            Self {
                subscription_admin_verified_id: {
                    let value = subscription_admin_verified_id;
                    value
                },
                extra: Default::default(),
            }
        }
    }
    impl ::serde::Serialize for SubscriptionAdminVerifiedUpdate {
        fn serialize<S: ::serde::Serializer>(
            &self,
            serializer: S,
        ) -> Result<S::Ok, S::Error> {
            use ::serde::ser::SerializeMap as _;
            let mut map = serializer.serialize_map(None)?;
            map.serialize_entry(
                "subscription_admin_verified_id",
                &self.subscription_admin_verified_id,
            )?;
            for (key, value) in self.extra.iter() {
                map.serialize_entry(key, value)?;
            }
            map.end()
        }
    }
    impl<'de> ::serde::Deserialize<'de> for SubscriptionAdminVerifiedUpdate {
        fn deserialize<D: ::serde::Deserializer<'de>>(
            deserializer: D,
        ) -> Result<Self, D::Error> {
            struct Visitor;
            impl<'de> ::serde::de::Visitor<'de> for Visitor {
                type Value = SubscriptionAdminVerifiedUpdate;
                fn expecting(
                    &self,
                    f: &mut ::std::fmt::Formatter<'_>,
                ) -> ::std::fmt::Result {
                    f.write_str("a SubscriptionAdminVerifiedUpdate document")
                }
                fn visit_map<A: ::serde::de::MapAccess<'de>>(
                    self,
                    mut map: A,
                ) -> Result<SubscriptionAdminVerifiedUpdate, A::Error> {
                    let mut f_subscription_admin_verified_id: Option<
                        crate::types::Uuid,
                    > = None;
                    let mut extra = crate::types::ExtraFields::default();
                    while let Some(key) = map
                        .next_key::<crate::types::decode::Key<'de>>()?
                    {
                        match &*key {
                            "subscription_admin_verified_id" => {
                                f_subscription_admin_verified_id = map.next_value()?;
                            }
                            _ => extra.keep(key, map.next_value()?),
                        }
                    }
                    Ok(SubscriptionAdminVerifiedUpdate {
                        subscription_admin_verified_id: f_subscription_admin_verified_id,
                        extra,
                    })
                }
            }
            deserializer.deserialize_map(Visitor)
        }
    }
}
///One builder per operation, with setters for its optional parameters.
pub mod builders {
    use super::{engine, types};
    /// A call of `get_my_groups`: List the caller's groups
    #[derive(Clone, Debug)]
    #[must_use = "a call does nothing until it is awaited, sent or streamed"]
    pub struct GetMyGroups {
        pub(super) call: crate::call::Call,
        pub(super) statuses: Option<crate::types::CommaList>,
    }
    impl GetMyGroups {
        /// Statuses of memberships, separated by commas: `active`, `invited`, `pending`, `rejected`,
        /// `removed`, `left` and `declined`. Only memberships with one of these statuses count. Defaults to
        /// `active`.
        pub fn statuses(mut self, value: impl Into<crate::types::CommaList>) -> Self {
            self.statuses = Some(value.into());
            self
        }
        fn request(&self) -> crate::Result<crate::transport::Request> {
            let capture = self.call.capture();
            let engine = engine::Client::new_with_client(
                capture.base_url(),
                capture.http(),
                capture.clone(),
            );
            capture.finish(engine.get_my_groups(self.statuses.as_ref()))
        }
    }
    crate::call::operation!(GetMyGroups -> Vec < types::Group >);
    /// A call of `create_group`: Create a group
    #[derive(Clone, Debug)]
    #[must_use = "a call does nothing until it is awaited, sent or streamed"]
    pub struct CreateGroup {
        pub(super) call: crate::call::Call,
        pub(crate) body: crate::transport::Body,
    }
    impl CreateGroup {
        fn request(&self) -> crate::Result<crate::transport::Request> {
            let body = self.body.clone();
            let body = self.call.encoded(body)?;
            let capture = self.call.capture();
            let engine = engine::Client::new_with_client(
                capture.base_url(),
                capture.http(),
                capture.clone(),
            );
            capture.finish(engine.create_group(body))
        }
    }
    crate::call::operation!(CreateGroup -> types::Group);
    /// A call of `get_group_statuses`: Count memberships by status
    #[derive(Clone, Debug)]
    #[must_use = "a call does nothing until it is awaited, sent or streamed"]
    pub struct GetGroupStatuses {
        pub(super) call: crate::call::Call,
    }
    impl GetGroupStatuses {
        fn request(&self) -> crate::Result<crate::transport::Request> {
            let capture = self.call.capture();
            let engine = engine::Client::new_with_client(
                capture.base_url(),
                capture.http(),
                capture.clone(),
            );
            capture.finish(engine.get_group_statuses())
        }
    }
    crate::call::operation!(
        GetGroupStatuses -> ::std::collections::BTreeMap < String, types::StatusCounts >
    );
    /// A call of `get_group`: Get a group
    #[derive(Clone, Debug)]
    #[must_use = "a call does nothing until it is awaited, sent or streamed"]
    pub struct GetGroup {
        pub(super) call: crate::call::Call,
        pub(super) group_id: crate::types::Id,
        pub(super) include: Option<crate::types::CommaList>,
    }
    impl GetGroup {
        /// What to include, separated by commas: `memberships`, `my_memberships`, `policies`,
        /// `allowed_actions` and `child_ids`.
        pub fn include(mut self, value: impl Into<crate::types::CommaList>) -> Self {
            self.include = Some(value.into());
            self
        }
        fn request(&self) -> crate::Result<crate::transport::Request> {
            let group_id = self.call.id("group_id", &self.group_id)?;
            let capture = self.call.capture();
            let engine = engine::Client::new_with_client(
                capture.base_url(),
                capture.http(),
                capture.clone(),
            );
            capture.finish(engine.get_group(&group_id, self.include.as_ref()))
        }
    }
    crate::call::operation!(GetGroup -> types::Group);
    /// A call of `update_group`: Update a group
    #[derive(Clone, Debug)]
    #[must_use = "a call does nothing until it is awaited, sent or streamed"]
    pub struct UpdateGroup {
        pub(super) call: crate::call::Call,
        pub(super) group_id: crate::types::Id,
        pub(crate) body: crate::transport::Body,
    }
    impl UpdateGroup {
        fn request(&self) -> crate::Result<crate::transport::Request> {
            let group_id = self.call.id("group_id", &self.group_id)?;
            let body = self.body.clone();
            let body = self.call.encoded(body)?;
            let capture = self.call.capture();
            let engine = engine::Client::new_with_client(
                capture.base_url(),
                capture.http(),
                capture.clone(),
            );
            capture.finish(engine.update_group(&group_id, body))
        }
    }
    crate::call::operation!(UpdateGroup -> types::Group);
    /// A call of `batch_membership_action`: Act on memberships
    #[derive(Clone, Debug)]
    #[must_use = "a call does nothing until it is awaited, sent or streamed"]
    pub struct BatchMembershipAction {
        pub(super) call: crate::call::Call,
        pub(super) group_id: crate::types::Id,
        pub(crate) body: crate::transport::Body,
    }
    impl BatchMembershipAction {
        /// The community on whose behalf this is done. The service's documentation lists the header but not
        /// its values. Sent as the header `community-context`.
        pub fn community_context(mut self, value: impl Into<String>) -> Self {
            self.call.options().header("community-context".to_owned(), value.into());
            self
        }
        fn request(&self) -> crate::Result<crate::transport::Request> {
            let group_id = self.call.id("group_id", &self.group_id)?;
            let body = self.body.clone();
            let body = self.call.encoded(body)?;
            let capture = self.call.capture();
            let engine = engine::Client::new_with_client(
                capture.base_url(),
                capture.http(),
                capture.clone(),
            );
            capture.finish(engine.batch_membership_action(&group_id, body))
        }
    }
    crate::call::operation!(BatchMembershipAction -> types::BatchMembershipResult);
    /// A call of `delete_group`: Delete a group
    #[derive(Clone, Debug)]
    #[must_use = "a call does nothing until it is awaited, sent or streamed"]
    pub struct DeleteGroup {
        pub(super) call: crate::call::Call,
        pub(super) group_id: crate::types::Id,
    }
    impl DeleteGroup {
        fn request(&self) -> crate::Result<crate::transport::Request> {
            let group_id = self.call.id("group_id", &self.group_id)?;
            let capture = self.call.capture();
            let engine = engine::Client::new_with_client(
                capture.base_url(),
                capture.http(),
                capture.clone(),
            );
            capture.finish(engine.delete_group(&group_id))
        }
    }
    crate::call::operation!(DeleteGroup -> types::Group);
    /// A call of `get_group_children`: List the groups nested in a group
    #[derive(Clone, Debug)]
    #[must_use = "a call does nothing until it is awaited, sent or streamed"]
    pub struct GetGroupChildren {
        pub(super) call: crate::call::Call,
        pub(super) group_id: crate::types::Id,
        pub(super) include: Option<crate::types::CommaList>,
    }
    impl GetGroupChildren {
        /// What to include, separated by commas: `memberships`, `my_memberships`, `policies`,
        /// `allowed_actions` and `child_ids`.
        pub fn include(mut self, value: impl Into<crate::types::CommaList>) -> Self {
            self.include = Some(value.into());
            self
        }
        fn request(&self) -> crate::Result<crate::transport::Request> {
            let group_id = self.call.id("group_id", &self.group_id)?;
            let capture = self.call.capture();
            let engine = engine::Client::new_with_client(
                capture.base_url(),
                capture.http(),
                capture.clone(),
            );
            capture.finish(engine.get_group_children(&group_id, self.include.as_ref()))
        }
    }
    crate::call::operation!(GetGroupChildren -> types::GroupChildren);
    /// A call of `get_group_policies`: Get the policies of a group
    #[derive(Clone, Debug)]
    #[must_use = "a call does nothing until it is awaited, sent or streamed"]
    pub struct GetGroupPolicies {
        pub(super) call: crate::call::Call,
        pub(super) group_id: crate::types::Id,
    }
    impl GetGroupPolicies {
        fn request(&self) -> crate::Result<crate::transport::Request> {
            let group_id = self.call.id("group_id", &self.group_id)?;
            let capture = self.call.capture();
            let engine = engine::Client::new_with_client(
                capture.base_url(),
                capture.http(),
                capture.clone(),
            );
            capture.finish(engine.get_group_policies(&group_id))
        }
    }
    crate::call::operation!(GetGroupPolicies -> types::GroupPolicies);
    /// A call of `set_group_policies`: Set the policies of a group
    #[derive(Clone, Debug)]
    #[must_use = "a call does nothing until it is awaited, sent or streamed"]
    pub struct SetGroupPolicies {
        pub(super) call: crate::call::Call,
        pub(super) group_id: crate::types::Id,
        pub(crate) body: crate::transport::Body,
    }
    impl SetGroupPolicies {
        fn request(&self) -> crate::Result<crate::transport::Request> {
            let group_id = self.call.id("group_id", &self.group_id)?;
            let body = self.body.clone();
            let body = self.call.encoded(body)?;
            let capture = self.call.capture();
            let engine = engine::Client::new_with_client(
                capture.base_url(),
                capture.http(),
                capture.clone(),
            );
            capture.finish(engine.set_group_policies(&group_id, body))
        }
    }
    crate::call::operation!(SetGroupPolicies -> types::GroupPolicies);
    /// A call of `get_membership_fields`: Get the membership fields of the caller's identities
    #[derive(Clone, Debug)]
    #[must_use = "a call does nothing until it is awaited, sent or streamed"]
    pub struct GetMembershipFields {
        pub(super) call: crate::call::Call,
        pub(super) group_id: crate::types::Id,
    }
    impl GetMembershipFields {
        fn request(&self) -> crate::Result<crate::transport::Request> {
            let group_id = self.call.id("group_id", &self.group_id)?;
            let capture = self.call.capture();
            let engine = engine::Client::new_with_client(
                capture.base_url(),
                capture.http(),
                capture.clone(),
            );
            capture.finish(engine.get_membership_fields(&group_id))
        }
    }
    crate::call::operation!(
        GetMembershipFields -> ::std::collections::BTreeMap < String,
        types::MembershipFields >
    );
    /// A call of `set_membership_fields`: Set the membership fields of the caller's identities
    #[derive(Clone, Debug)]
    #[must_use = "a call does nothing until it is awaited, sent or streamed"]
    pub struct SetMembershipFields {
        pub(super) call: crate::call::Call,
        pub(super) group_id: crate::types::Id,
        pub(crate) body: crate::transport::Body,
    }
    impl SetMembershipFields {
        fn request(&self) -> crate::Result<crate::transport::Request> {
            let group_id = self.call.id("group_id", &self.group_id)?;
            let body = self.body.clone();
            let body = self.call.encoded(body)?;
            let capture = self.call.capture();
            let engine = engine::Client::new_with_client(
                capture.base_url(),
                capture.http(),
                capture.clone(),
            );
            capture.finish(engine.set_membership_fields(&group_id, body))
        }
    }
    crate::call::operation!(
        SetMembershipFields -> ::std::collections::BTreeMap < String,
        types::MembershipFields >
    );
    /// A call of `set_subscription_admin_verified`: Verify that a group belongs to a subscription
    #[derive(Clone, Debug)]
    #[must_use = "a call does nothing until it is awaited, sent or streamed"]
    pub struct SetSubscriptionAdminVerified {
        pub(super) call: crate::call::Call,
        pub(super) group_id: crate::types::Id,
        pub(crate) body: crate::transport::Body,
    }
    impl SetSubscriptionAdminVerified {
        fn request(&self) -> crate::Result<crate::transport::Request> {
            let group_id = self.call.id("group_id", &self.group_id)?;
            let body = self.body.clone();
            let body = self.call.encoded(body)?;
            let capture = self.call.capture();
            let engine = engine::Client::new_with_client(
                capture.base_url(),
                capture.http(),
                capture.clone(),
            );
            capture.finish(engine.set_subscription_admin_verified(&group_id, body))
        }
    }
    crate::call::operation!(
        SetSubscriptionAdminVerified -> types::SubscriptionAdminVerified
    );
    /// A call of `get_group_by_subscription_id`: Find the group that provides a subscription
    #[derive(Clone, Debug)]
    #[must_use = "a call does nothing until it is awaited, sent or streamed"]
    pub struct GetGroupBySubscriptionId {
        pub(super) call: crate::call::Call,
        pub(super) subscription_id: crate::types::Id,
    }
    impl GetGroupBySubscriptionId {
        fn request(&self) -> crate::Result<crate::transport::Request> {
            let subscription_id = self
                .call
                .id("subscription_id", &self.subscription_id)?;
            let capture = self.call.capture();
            let engine = engine::Client::new_with_client(
                capture.base_url(),
                capture.http(),
                capture.clone(),
            );
            capture.finish(engine.get_group_by_subscription_id(&subscription_id))
        }
    }
    crate::call::operation!(GetGroupBySubscriptionId -> types::SubscriptionGroup);
    /// A call of `get_identity_preferences`: Get the preferences of the caller's identities
    #[derive(Clone, Debug)]
    #[must_use = "a call does nothing until it is awaited, sent or streamed"]
    pub struct GetIdentityPreferences {
        pub(super) call: crate::call::Call,
    }
    impl GetIdentityPreferences {
        fn request(&self) -> crate::Result<crate::transport::Request> {
            let capture = self.call.capture();
            let engine = engine::Client::new_with_client(
                capture.base_url(),
                capture.http(),
                capture.clone(),
            );
            capture.finish(engine.get_identity_preferences())
        }
    }
    crate::call::operation!(
        GetIdentityPreferences -> ::std::collections::BTreeMap < String,
        types::IdentityPreferences >
    );
    /// A call of `set_identity_preferences`: Set the preferences of the caller's identities
    #[derive(Clone, Debug)]
    #[must_use = "a call does nothing until it is awaited, sent or streamed"]
    pub struct SetIdentityPreferences {
        pub(super) call: crate::call::Call,
        pub(crate) body: crate::transport::Body,
    }
    impl SetIdentityPreferences {
        fn request(&self) -> crate::Result<crate::transport::Request> {
            let body = self.body.clone();
            let body = self.call.encoded(body)?;
            let capture = self.call.capture();
            let engine = engine::Client::new_with_client(
                capture.base_url(),
                capture.http(),
                capture.clone(),
            );
            capture.finish(engine.set_identity_preferences(body))
        }
    }
    crate::call::operation!(
        SetIdentityPreferences -> ::std::collections::BTreeMap < String,
        types::IdentityPreferences >
    );
}
///The scopes of this service.
pub mod scopes {
    /// `urn:globus:auth:scope:groups.api.globus.org:all`
    pub const ALL: &str = "urn:globus:auth:scope:groups.api.globus.org:all";
    /// `urn:globus:auth:scope:groups.api.globus.org:view_my_groups_and_memberships`
    pub const VIEW_MY_GROUPS_AND_MEMBERSHIPS: &str = "urn:globus:auth:scope:groups.api.globus.org:view_my_groups_and_memberships";
}
///Metadata of each operation.
pub mod operations {
    use crate::operation::{Auth, BodyEncoding, Idempotency, Operation};
    /// `GET /v2/groups/my_groups`
    pub static GET_MY_GROUPS: Operation = Operation {
        service: "groups",
        name: "get_my_groups",
        method: "GET",
        path: "/v2/groups/my_groups",
        summary: "List the caller's groups",
        documentation: "https://groups.api.globus.org/redoc#operation/get_my_groups_and_memberships_v2_groups_my_groups_get",
        scopes: &[
            "urn:globus:auth:scope:groups.api.globus.org:all",
            "urn:globus:auth:scope:groups.api.globus.org:view_my_groups_and_memberships",
        ],
        auth: Auth::Bearer,
        idempotency: Idempotency::Idempotent,
        body: None,
        paging: None,
        python_names: &["GroupsClient.get_my_groups"],
        deprecated: false,
        url_only: false,
        response_has_secrets: false,
        secret_request_fields: &[],
        response_fields: &[],
        round_trip: Some(crate::operation::round_trip::<Vec<super::types::Group>>),
    };
    /// `POST /v2/groups`
    pub static CREATE_GROUP: Operation = Operation {
        service: "groups",
        name: "create_group",
        method: "POST",
        path: "/v2/groups",
        summary: "Create a group",
        documentation: "https://groups.api.globus.org/redoc#operation/create_group_v2_groups_post",
        scopes: &["urn:globus:auth:scope:groups.api.globus.org:all"],
        auth: Auth::Bearer,
        idempotency: Idempotency::NotIdempotent,
        body: Some(BodyEncoding::Json),
        paging: None,
        python_names: &["GroupsClient.create_group"],
        deprecated: false,
        url_only: false,
        response_has_secrets: false,
        secret_request_fields: &[],
        response_fields: &[],
        round_trip: Some(crate::operation::round_trip::<super::types::Group>),
    };
    /// `GET /v2/groups/statuses`
    pub static GET_GROUP_STATUSES: Operation = Operation {
        service: "groups",
        name: "get_group_statuses",
        method: "GET",
        path: "/v2/groups/statuses",
        summary: "Count memberships by status",
        documentation: "https://groups.api.globus.org/redoc#operation/get_statuses_v2_groups_statuses_get",
        scopes: &[
            "urn:globus:auth:scope:groups.api.globus.org:all",
            "urn:globus:auth:scope:groups.api.globus.org:view_my_groups_and_memberships",
        ],
        auth: Auth::Bearer,
        idempotency: Idempotency::Idempotent,
        body: None,
        paging: None,
        python_names: &[],
        deprecated: false,
        url_only: false,
        response_has_secrets: false,
        secret_request_fields: &[],
        response_fields: &[],
        round_trip: Some(
            crate::operation::round_trip::<
                ::std::collections::BTreeMap<String, super::types::StatusCounts>,
            >,
        ),
    };
    /// `GET /v2/groups/{group_id}`
    pub static GET_GROUP: Operation = Operation {
        service: "groups",
        name: "get_group",
        method: "GET",
        path: "/v2/groups/{group_id}",
        summary: "Get a group",
        documentation: "https://groups.api.globus.org/redoc#operation/get_group_v2_groups__group_id__get",
        scopes: &[
            "urn:globus:auth:scope:groups.api.globus.org:all",
            "urn:globus:auth:scope:groups.api.globus.org:view_my_groups_and_memberships",
        ],
        auth: Auth::Bearer,
        idempotency: Idempotency::Idempotent,
        body: None,
        paging: None,
        python_names: &["GroupsClient.get_group"],
        deprecated: false,
        url_only: false,
        response_has_secrets: false,
        secret_request_fields: &[],
        response_fields: &[],
        round_trip: Some(crate::operation::round_trip::<super::types::Group>),
    };
    /// `PUT /v2/groups/{group_id}`
    pub static UPDATE_GROUP: Operation = Operation {
        service: "groups",
        name: "update_group",
        method: "PUT",
        path: "/v2/groups/{group_id}",
        summary: "Update a group",
        documentation: "https://groups.api.globus.org/redoc#operation/update_group_v2_groups__group_id__put",
        scopes: &["urn:globus:auth:scope:groups.api.globus.org:all"],
        auth: Auth::Bearer,
        idempotency: Idempotency::Idempotent,
        body: Some(BodyEncoding::Json),
        paging: None,
        python_names: &["GroupsClient.update_group"],
        deprecated: false,
        url_only: false,
        response_has_secrets: false,
        secret_request_fields: &[],
        response_fields: &[],
        round_trip: Some(crate::operation::round_trip::<super::types::Group>),
    };
    /// `POST /v2/groups/{group_id}`
    pub static BATCH_MEMBERSHIP_ACTION: Operation = Operation {
        service: "groups",
        name: "batch_membership_action",
        method: "POST",
        path: "/v2/groups/{group_id}",
        summary: "Act on memberships",
        documentation: "https://groups.api.globus.org/redoc#operation/group_membership_post_actions_v2_groups__group_id__post",
        scopes: &["urn:globus:auth:scope:groups.api.globus.org:all"],
        auth: Auth::Bearer,
        idempotency: Idempotency::NotIdempotent,
        body: Some(BodyEncoding::Json),
        paging: None,
        python_names: &["GroupsClient.batch_membership_action"],
        deprecated: false,
        url_only: false,
        response_has_secrets: false,
        secret_request_fields: &[],
        response_fields: &[],
        round_trip: Some(
            crate::operation::round_trip::<super::types::BatchMembershipResult>,
        ),
    };
    /// `DELETE /v2/groups/{group_id}`
    pub static DELETE_GROUP: Operation = Operation {
        service: "groups",
        name: "delete_group",
        method: "DELETE",
        path: "/v2/groups/{group_id}",
        summary: "Delete a group",
        documentation: "https://groups.api.globus.org/redoc#operation/delete_group_v2_groups__group_id__delete",
        scopes: &["urn:globus:auth:scope:groups.api.globus.org:all"],
        auth: Auth::Bearer,
        idempotency: Idempotency::Idempotent,
        body: None,
        paging: None,
        python_names: &["GroupsClient.delete_group"],
        deprecated: false,
        url_only: false,
        response_has_secrets: false,
        secret_request_fields: &[],
        response_fields: &[],
        round_trip: Some(crate::operation::round_trip::<super::types::Group>),
    };
    /// `GET /v2/groups/{group_id}/children`
    pub static GET_GROUP_CHILDREN: Operation = Operation {
        service: "groups",
        name: "get_group_children",
        method: "GET",
        path: "/v2/groups/{group_id}/children",
        summary: "List the groups nested in a group",
        documentation: "https://groups.api.globus.org/redoc#operation/get_children_v2_groups__group_id__children_get",
        scopes: &[
            "urn:globus:auth:scope:groups.api.globus.org:all",
            "urn:globus:auth:scope:groups.api.globus.org:view_my_groups_and_memberships",
        ],
        auth: Auth::Bearer,
        idempotency: Idempotency::Idempotent,
        body: None,
        paging: None,
        python_names: &[],
        deprecated: false,
        url_only: false,
        response_has_secrets: false,
        secret_request_fields: &[],
        response_fields: &[],
        round_trip: Some(crate::operation::round_trip::<super::types::GroupChildren>),
    };
    /// `GET /v2/groups/{group_id}/policies`
    pub static GET_GROUP_POLICIES: Operation = Operation {
        service: "groups",
        name: "get_group_policies",
        method: "GET",
        path: "/v2/groups/{group_id}/policies",
        summary: "Get the policies of a group",
        documentation: "https://groups.api.globus.org/redoc#operation/get_policies_v2_groups__group_id__policies_get",
        scopes: &[
            "urn:globus:auth:scope:groups.api.globus.org:all",
            "urn:globus:auth:scope:groups.api.globus.org:view_my_groups_and_memberships",
        ],
        auth: Auth::Bearer,
        idempotency: Idempotency::Idempotent,
        body: None,
        paging: None,
        python_names: &["GroupsClient.get_group_policies"],
        deprecated: false,
        url_only: false,
        response_has_secrets: false,
        secret_request_fields: &[],
        response_fields: &[],
        round_trip: Some(crate::operation::round_trip::<super::types::GroupPolicies>),
    };
    /// `PUT /v2/groups/{group_id}/policies`
    pub static SET_GROUP_POLICIES: Operation = Operation {
        service: "groups",
        name: "set_group_policies",
        method: "PUT",
        path: "/v2/groups/{group_id}/policies",
        summary: "Set the policies of a group",
        documentation: "https://groups.api.globus.org/redoc#operation/update_policies_v2_groups__group_id__policies_put",
        scopes: &["urn:globus:auth:scope:groups.api.globus.org:all"],
        auth: Auth::Bearer,
        idempotency: Idempotency::Idempotent,
        body: Some(BodyEncoding::Json),
        paging: None,
        python_names: &["GroupsClient.set_group_policies"],
        deprecated: false,
        url_only: false,
        response_has_secrets: false,
        secret_request_fields: &[],
        response_fields: &[],
        round_trip: Some(crate::operation::round_trip::<super::types::GroupPolicies>),
    };
    /// `GET /v2/groups/{group_id}/membership_fields`
    pub static GET_MEMBERSHIP_FIELDS: Operation = Operation {
        service: "groups",
        name: "get_membership_fields",
        method: "GET",
        path: "/v2/groups/{group_id}/membership_fields",
        summary: "Get the membership fields of the caller's identities",
        documentation: "https://groups.api.globus.org/redoc#operation/get_membership_fields_v2_groups__group_id__membership_fields_get",
        scopes: &[
            "urn:globus:auth:scope:groups.api.globus.org:all",
            "urn:globus:auth:scope:groups.api.globus.org:view_my_groups_and_memberships",
        ],
        auth: Auth::Bearer,
        idempotency: Idempotency::Idempotent,
        body: None,
        paging: None,
        python_names: &["GroupsClient.get_membership_fields"],
        deprecated: false,
        url_only: false,
        response_has_secrets: false,
        secret_request_fields: &[],
        response_fields: &[],
        round_trip: Some(
            crate::operation::round_trip::<
                ::std::collections::BTreeMap<String, super::types::MembershipFields>,
            >,
        ),
    };
    /// `PUT /v2/groups/{group_id}/membership_fields`
    pub static SET_MEMBERSHIP_FIELDS: Operation = Operation {
        service: "groups",
        name: "set_membership_fields",
        method: "PUT",
        path: "/v2/groups/{group_id}/membership_fields",
        summary: "Set the membership fields of the caller's identities",
        documentation: "https://groups.api.globus.org/redoc#operation/put_membership_fields_v2_groups__group_id__membership_fields_put",
        scopes: &["urn:globus:auth:scope:groups.api.globus.org:all"],
        auth: Auth::Bearer,
        idempotency: Idempotency::Idempotent,
        body: Some(BodyEncoding::Json),
        paging: None,
        python_names: &["GroupsClient.set_membership_fields"],
        deprecated: false,
        url_only: false,
        response_has_secrets: false,
        secret_request_fields: &[],
        response_fields: &[],
        round_trip: Some(
            crate::operation::round_trip::<
                ::std::collections::BTreeMap<String, super::types::MembershipFields>,
            >,
        ),
    };
    /// `PUT /v2/groups/{group_id}/subscription_admin_verified`
    pub static SET_SUBSCRIPTION_ADMIN_VERIFIED: Operation = Operation {
        service: "groups",
        name: "set_subscription_admin_verified",
        method: "PUT",
        path: "/v2/groups/{group_id}/subscription_admin_verified",
        summary: "Verify that a group belongs to a subscription",
        documentation: "https://groups.api.globus.org/redoc#operation/update_subscription_admin_verified_id_v2_groups__group_id__subscription_admin_verified_put",
        scopes: &["urn:globus:auth:scope:groups.api.globus.org:all"],
        auth: Auth::Bearer,
        idempotency: Idempotency::Idempotent,
        body: Some(BodyEncoding::Json),
        paging: None,
        python_names: &["GroupsClient.set_subscription_admin_verified"],
        deprecated: false,
        url_only: false,
        response_has_secrets: false,
        secret_request_fields: &[],
        response_fields: &[],
        round_trip: Some(
            crate::operation::round_trip::<super::types::SubscriptionAdminVerified>,
        ),
    };
    /// `GET /v2/subscription_info/{subscription_id}`
    pub static GET_GROUP_BY_SUBSCRIPTION_ID: Operation = Operation {
        service: "groups",
        name: "get_group_by_subscription_id",
        method: "GET",
        path: "/v2/subscription_info/{subscription_id}",
        summary: "Find the group that provides a subscription",
        documentation: "https://groups.api.globus.org/redoc#operation/get_group_by_subscription_id_v2_subscription_info__subscription_id__get",
        scopes: &[
            "urn:globus:auth:scope:groups.api.globus.org:all",
            "urn:globus:auth:scope:groups.api.globus.org:view_my_groups_and_memberships",
        ],
        auth: Auth::Bearer,
        idempotency: Idempotency::Idempotent,
        body: None,
        paging: None,
        python_names: &["GroupsClient.get_group_by_subscription_id"],
        deprecated: false,
        url_only: false,
        response_has_secrets: false,
        secret_request_fields: &[],
        response_fields: &[],
        round_trip: Some(crate::operation::round_trip::<super::types::SubscriptionGroup>),
    };
    /// `GET /v2/preferences`
    pub static GET_IDENTITY_PREFERENCES: Operation = Operation {
        service: "groups",
        name: "get_identity_preferences",
        method: "GET",
        path: "/v2/preferences",
        summary: "Get the preferences of the caller's identities",
        documentation: "https://groups.api.globus.org/redoc#operation/get_identity_set_preferences_v2_preferences_get",
        scopes: &[
            "urn:globus:auth:scope:groups.api.globus.org:all",
            "urn:globus:auth:scope:groups.api.globus.org:view_my_groups_and_memberships",
        ],
        auth: Auth::Bearer,
        idempotency: Idempotency::Idempotent,
        body: None,
        paging: None,
        python_names: &["GroupsClient.get_identity_preferences"],
        deprecated: false,
        url_only: false,
        response_has_secrets: false,
        secret_request_fields: &[],
        response_fields: &[],
        round_trip: Some(
            crate::operation::round_trip::<
                ::std::collections::BTreeMap<String, super::types::IdentityPreferences>,
            >,
        ),
    };
    /// `PUT /v2/preferences`
    pub static SET_IDENTITY_PREFERENCES: Operation = Operation {
        service: "groups",
        name: "set_identity_preferences",
        method: "PUT",
        path: "/v2/preferences",
        summary: "Set the preferences of the caller's identities",
        documentation: "https://groups.api.globus.org/redoc#operation/put_identity_set_preferences_v2_preferences_put",
        scopes: &["urn:globus:auth:scope:groups.api.globus.org:all"],
        auth: Auth::Bearer,
        idempotency: Idempotency::Idempotent,
        body: Some(BodyEncoding::Json),
        paging: None,
        python_names: &["GroupsClient.set_identity_preferences"],
        deprecated: false,
        url_only: false,
        response_has_secrets: false,
        secret_request_fields: &[],
        response_fields: &[],
        round_trip: Some(
            crate::operation::round_trip::<
                ::std::collections::BTreeMap<String, super::types::IdentityPreferences>,
            >,
        ),
    };
    /// Every operation, in the order of the spec.
    pub static ALL: &[&Operation] = &[
        &GET_MY_GROUPS,
        &CREATE_GROUP,
        &GET_GROUP_STATUSES,
        &GET_GROUP,
        &UPDATE_GROUP,
        &BATCH_MEMBERSHIP_ACTION,
        &DELETE_GROUP,
        &GET_GROUP_CHILDREN,
        &GET_GROUP_POLICIES,
        &SET_GROUP_POLICIES,
        &GET_MEMBERSHIP_FIELDS,
        &SET_MEMBERSHIP_FIELDS,
        &SET_SUBSCRIPTION_ADMIN_VERIFIED,
        &GET_GROUP_BY_SUBSCRIPTION_ID,
        &GET_IDENTITY_PREFERENCES,
        &SET_IDENTITY_PREFERENCES,
    ];
}
#[allow(
    dead_code,
    unused_imports,
    unused_qualifications,
    missing_docs,
    unreachable_pub,
    clippy::all,
    clippy::unwrap_used
)]
mod engine {
    #[allow(unused_imports)]
    pub use progenitor_client::{ByteStream, ClientInfo, Error, ResponseValue};
    #[allow(unused_imports)]
    use progenitor_client::{encode_path, ClientHooks, OperationInfo, RequestBuilderExt};
    /// Types used as operation parameters and responses.
    #[allow(clippy::all)]
    pub mod types {
        /// Error types.
        pub mod error {
            /// Error from a `TryFrom` or `FromStr` implementation.
            pub struct ConversionError(::std::borrow::Cow<'static, str>);
            impl ::std::error::Error for ConversionError {}
            impl ::std::fmt::Display for ConversionError {
                fn fmt(
                    &self,
                    f: &mut ::std::fmt::Formatter<'_>,
                ) -> Result<(), ::std::fmt::Error> {
                    ::std::fmt::Display::fmt(&self.0, f)
                }
            }
            impl ::std::fmt::Debug for ConversionError {
                fn fmt(
                    &self,
                    f: &mut ::std::fmt::Formatter<'_>,
                ) -> Result<(), ::std::fmt::Error> {
                    ::std::fmt::Debug::fmt(&self.0, f)
                }
            }
            impl From<&'static str> for ConversionError {
                fn from(value: &'static str) -> Self {
                    Self(value.into())
                }
            }
            impl From<String> for ConversionError {
                fn from(value: String) -> Self {
                    Self(value.into())
                }
            }
        }
    }
    #[derive(Clone, Debug)]
    /**Client for Globus Groups

Version: v2*/
    pub struct Client {
        pub(crate) baseurl: String,
        pub(crate) client: reqwest::Client,
        pub(crate) inner: crate::transport::RequestCapture,
    }
    impl Client {
        /// Create a new client.
        ///
        /// `baseurl` is the base URL provided to the internal
        /// `reqwest::Client`, and should include a scheme and hostname,
        /// as well as port and a path stem if applicable.
        pub fn new(baseurl: &str, inner: crate::transport::RequestCapture) -> Self {
            #[cfg(not(target_arch = "wasm32"))]
            let client = {
                let dur = ::std::time::Duration::from_secs(15u64);
                reqwest::ClientBuilder::new().connect_timeout(dur).timeout(dur)
            };
            #[cfg(target_arch = "wasm32")]
            let client = reqwest::ClientBuilder::new();
            Self::new_with_client(baseurl, client.build().unwrap(), inner)
        }
        /// Construct a new client with an existing `reqwest::Client`,
        /// allowing more control over its configuration.
        ///
        /// `baseurl` is the base URL provided to the internal
        /// `reqwest::Client`, and should include a scheme and hostname,
        /// as well as port and a path stem if applicable.
        pub fn new_with_client(
            baseurl: &str,
            client: reqwest::Client,
            inner: crate::transport::RequestCapture,
        ) -> Self {
            Self {
                baseurl: baseurl.to_string(),
                client,
                inner,
            }
        }
    }
    impl ClientInfo<crate::transport::RequestCapture> for Client {
        fn api_version() -> &'static str {
            "v2"
        }
        fn baseurl(&self) -> &str {
            self.baseurl.as_str()
        }
        fn client(&self) -> &reqwest::Client {
            &self.client
        }
        fn inner(&self) -> &crate::transport::RequestCapture {
            &self.inner
        }
    }
    const _: () = {
        #[allow(dead_code)]
        fn assert_client_hooks()
        where
            Client: ClientHooks<crate::transport::RequestCapture>,
        {}
    };
    #[allow(clippy::all)]
    impl Client {
        /**Sends a `POST` request to `/v2/groups`

*/
        pub async fn create_group<'a, B: Into<reqwest::Body>>(
            &'a self,
            body: B,
        ) -> Result<ResponseValue<ByteStream>, Error<()>> {
            let url = format!("{}/v2/groups", self.baseurl,);
            let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
            header_map
                .append(
                    ::reqwest::header::HeaderName::from_static("api-version"),
                    ::reqwest::header::HeaderValue::from_static(Self::api_version()),
                );
            #[allow(unused_mut)]
            let mut request = self
                .client
                .post(url)
                .header(
                    ::reqwest::header::CONTENT_TYPE,
                    ::reqwest::header::HeaderValue::from_static(
                        "application/octet-stream",
                    ),
                )
                .body(body)
                .headers(header_map)
                .build()?;
            let info = OperationInfo {
                operation_id: "create_group",
            };
            self.pre(&mut request, &info).await?;
            let result = self.exec(request, &info).await;
            self.post(&result, &info).await?;
            let response = result?;
            match response.status().as_u16() {
                200..=299 => Ok(ResponseValue::stream(response)),
                _ => Err(Error::UnexpectedResponse(response)),
            }
        }
        /**Sends a `GET` request to `/v2/groups/my_groups`

*/
        pub async fn get_my_groups<'a>(
            &'a self,
            statuses: Option<&'a crate::types::CommaList>,
        ) -> Result<ResponseValue<ByteStream>, Error<()>> {
            let url = format!("{}/v2/groups/my_groups", self.baseurl,);
            let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
            header_map
                .append(
                    ::reqwest::header::HeaderName::from_static("api-version"),
                    ::reqwest::header::HeaderValue::from_static(Self::api_version()),
                );
            #[allow(unused_mut)]
            let mut request = self
                .client
                .get(url)
                .query(&progenitor_client::QueryParam::new("statuses", &statuses))
                .headers(header_map)
                .build()?;
            let info = OperationInfo {
                operation_id: "get_my_groups",
            };
            self.pre(&mut request, &info).await?;
            let result = self.exec(request, &info).await;
            self.post(&result, &info).await?;
            let response = result?;
            match response.status().as_u16() {
                200..=299 => Ok(ResponseValue::stream(response)),
                _ => Err(Error::UnexpectedResponse(response)),
            }
        }
        /**Sends a `GET` request to `/v2/groups/statuses`

*/
        pub async fn get_group_statuses<'a>(
            &'a self,
        ) -> Result<ResponseValue<ByteStream>, Error<()>> {
            let url = format!("{}/v2/groups/statuses", self.baseurl,);
            let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
            header_map
                .append(
                    ::reqwest::header::HeaderName::from_static("api-version"),
                    ::reqwest::header::HeaderValue::from_static(Self::api_version()),
                );
            #[allow(unused_mut)]
            let mut request = self.client.get(url).headers(header_map).build()?;
            let info = OperationInfo {
                operation_id: "get_group_statuses",
            };
            self.pre(&mut request, &info).await?;
            let result = self.exec(request, &info).await;
            self.post(&result, &info).await?;
            let response = result?;
            match response.status().as_u16() {
                200..=299 => Ok(ResponseValue::stream(response)),
                _ => Err(Error::UnexpectedResponse(response)),
            }
        }
        /**Sends a `GET` request to `/v2/groups/{group_id}`

*/
        pub async fn get_group<'a>(
            &'a self,
            group_id: &'a ::uuid::Uuid,
            include: Option<&'a crate::types::CommaList>,
        ) -> Result<ResponseValue<ByteStream>, Error<()>> {
            let url = format!(
                "{}/v2/groups/{}", self.baseurl, encode_path(& group_id.to_string()),
            );
            let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
            header_map
                .append(
                    ::reqwest::header::HeaderName::from_static("api-version"),
                    ::reqwest::header::HeaderValue::from_static(Self::api_version()),
                );
            #[allow(unused_mut)]
            let mut request = self
                .client
                .get(url)
                .query(&progenitor_client::QueryParam::new("include", &include))
                .headers(header_map)
                .build()?;
            let info = OperationInfo {
                operation_id: "get_group",
            };
            self.pre(&mut request, &info).await?;
            let result = self.exec(request, &info).await;
            self.post(&result, &info).await?;
            let response = result?;
            match response.status().as_u16() {
                200..=299 => Ok(ResponseValue::stream(response)),
                _ => Err(Error::UnexpectedResponse(response)),
            }
        }
        /**Sends a `PUT` request to `/v2/groups/{group_id}`

*/
        pub async fn update_group<'a, B: Into<reqwest::Body>>(
            &'a self,
            group_id: &'a ::uuid::Uuid,
            body: B,
        ) -> Result<ResponseValue<ByteStream>, Error<()>> {
            let url = format!(
                "{}/v2/groups/{}", self.baseurl, encode_path(& group_id.to_string()),
            );
            let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
            header_map
                .append(
                    ::reqwest::header::HeaderName::from_static("api-version"),
                    ::reqwest::header::HeaderValue::from_static(Self::api_version()),
                );
            #[allow(unused_mut)]
            let mut request = self
                .client
                .put(url)
                .header(
                    ::reqwest::header::CONTENT_TYPE,
                    ::reqwest::header::HeaderValue::from_static(
                        "application/octet-stream",
                    ),
                )
                .body(body)
                .headers(header_map)
                .build()?;
            let info = OperationInfo {
                operation_id: "update_group",
            };
            self.pre(&mut request, &info).await?;
            let result = self.exec(request, &info).await;
            self.post(&result, &info).await?;
            let response = result?;
            match response.status().as_u16() {
                200..=299 => Ok(ResponseValue::stream(response)),
                _ => Err(Error::UnexpectedResponse(response)),
            }
        }
        /**Sends a `POST` request to `/v2/groups/{group_id}`

*/
        pub async fn batch_membership_action<'a, B: Into<reqwest::Body>>(
            &'a self,
            group_id: &'a ::uuid::Uuid,
            body: B,
        ) -> Result<ResponseValue<ByteStream>, Error<()>> {
            let url = format!(
                "{}/v2/groups/{}", self.baseurl, encode_path(& group_id.to_string()),
            );
            let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
            header_map
                .append(
                    ::reqwest::header::HeaderName::from_static("api-version"),
                    ::reqwest::header::HeaderValue::from_static(Self::api_version()),
                );
            #[allow(unused_mut)]
            let mut request = self
                .client
                .post(url)
                .header(
                    ::reqwest::header::CONTENT_TYPE,
                    ::reqwest::header::HeaderValue::from_static(
                        "application/octet-stream",
                    ),
                )
                .body(body)
                .headers(header_map)
                .build()?;
            let info = OperationInfo {
                operation_id: "batch_membership_action",
            };
            self.pre(&mut request, &info).await?;
            let result = self.exec(request, &info).await;
            self.post(&result, &info).await?;
            let response = result?;
            match response.status().as_u16() {
                200..=299 => Ok(ResponseValue::stream(response)),
                _ => Err(Error::UnexpectedResponse(response)),
            }
        }
        /**Sends a `DELETE` request to `/v2/groups/{group_id}`

*/
        pub async fn delete_group<'a>(
            &'a self,
            group_id: &'a ::uuid::Uuid,
        ) -> Result<ResponseValue<ByteStream>, Error<()>> {
            let url = format!(
                "{}/v2/groups/{}", self.baseurl, encode_path(& group_id.to_string()),
            );
            let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
            header_map
                .append(
                    ::reqwest::header::HeaderName::from_static("api-version"),
                    ::reqwest::header::HeaderValue::from_static(Self::api_version()),
                );
            #[allow(unused_mut)]
            let mut request = self.client.delete(url).headers(header_map).build()?;
            let info = OperationInfo {
                operation_id: "delete_group",
            };
            self.pre(&mut request, &info).await?;
            let result = self.exec(request, &info).await;
            self.post(&result, &info).await?;
            let response = result?;
            match response.status().as_u16() {
                200..=299 => Ok(ResponseValue::stream(response)),
                _ => Err(Error::UnexpectedResponse(response)),
            }
        }
        /**Sends a `GET` request to `/v2/groups/{group_id}/children`

*/
        pub async fn get_group_children<'a>(
            &'a self,
            group_id: &'a ::uuid::Uuid,
            include: Option<&'a crate::types::CommaList>,
        ) -> Result<ResponseValue<ByteStream>, Error<()>> {
            let url = format!(
                "{}/v2/groups/{}/children", self.baseurl, encode_path(& group_id
                .to_string()),
            );
            let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
            header_map
                .append(
                    ::reqwest::header::HeaderName::from_static("api-version"),
                    ::reqwest::header::HeaderValue::from_static(Self::api_version()),
                );
            #[allow(unused_mut)]
            let mut request = self
                .client
                .get(url)
                .query(&progenitor_client::QueryParam::new("include", &include))
                .headers(header_map)
                .build()?;
            let info = OperationInfo {
                operation_id: "get_group_children",
            };
            self.pre(&mut request, &info).await?;
            let result = self.exec(request, &info).await;
            self.post(&result, &info).await?;
            let response = result?;
            match response.status().as_u16() {
                200..=299 => Ok(ResponseValue::stream(response)),
                _ => Err(Error::UnexpectedResponse(response)),
            }
        }
        /**Sends a `GET` request to `/v2/groups/{group_id}/membership_fields`

*/
        pub async fn get_membership_fields<'a>(
            &'a self,
            group_id: &'a ::uuid::Uuid,
        ) -> Result<ResponseValue<ByteStream>, Error<()>> {
            let url = format!(
                "{}/v2/groups/{}/membership_fields", self.baseurl, encode_path(& group_id
                .to_string()),
            );
            let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
            header_map
                .append(
                    ::reqwest::header::HeaderName::from_static("api-version"),
                    ::reqwest::header::HeaderValue::from_static(Self::api_version()),
                );
            #[allow(unused_mut)]
            let mut request = self.client.get(url).headers(header_map).build()?;
            let info = OperationInfo {
                operation_id: "get_membership_fields",
            };
            self.pre(&mut request, &info).await?;
            let result = self.exec(request, &info).await;
            self.post(&result, &info).await?;
            let response = result?;
            match response.status().as_u16() {
                200..=299 => Ok(ResponseValue::stream(response)),
                _ => Err(Error::UnexpectedResponse(response)),
            }
        }
        /**Sends a `PUT` request to `/v2/groups/{group_id}/membership_fields`

*/
        pub async fn set_membership_fields<'a, B: Into<reqwest::Body>>(
            &'a self,
            group_id: &'a ::uuid::Uuid,
            body: B,
        ) -> Result<ResponseValue<ByteStream>, Error<()>> {
            let url = format!(
                "{}/v2/groups/{}/membership_fields", self.baseurl, encode_path(& group_id
                .to_string()),
            );
            let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
            header_map
                .append(
                    ::reqwest::header::HeaderName::from_static("api-version"),
                    ::reqwest::header::HeaderValue::from_static(Self::api_version()),
                );
            #[allow(unused_mut)]
            let mut request = self
                .client
                .put(url)
                .header(
                    ::reqwest::header::CONTENT_TYPE,
                    ::reqwest::header::HeaderValue::from_static(
                        "application/octet-stream",
                    ),
                )
                .body(body)
                .headers(header_map)
                .build()?;
            let info = OperationInfo {
                operation_id: "set_membership_fields",
            };
            self.pre(&mut request, &info).await?;
            let result = self.exec(request, &info).await;
            self.post(&result, &info).await?;
            let response = result?;
            match response.status().as_u16() {
                200..=299 => Ok(ResponseValue::stream(response)),
                _ => Err(Error::UnexpectedResponse(response)),
            }
        }
        /**Sends a `GET` request to `/v2/groups/{group_id}/policies`

*/
        pub async fn get_group_policies<'a>(
            &'a self,
            group_id: &'a ::uuid::Uuid,
        ) -> Result<ResponseValue<ByteStream>, Error<()>> {
            let url = format!(
                "{}/v2/groups/{}/policies", self.baseurl, encode_path(& group_id
                .to_string()),
            );
            let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
            header_map
                .append(
                    ::reqwest::header::HeaderName::from_static("api-version"),
                    ::reqwest::header::HeaderValue::from_static(Self::api_version()),
                );
            #[allow(unused_mut)]
            let mut request = self.client.get(url).headers(header_map).build()?;
            let info = OperationInfo {
                operation_id: "get_group_policies",
            };
            self.pre(&mut request, &info).await?;
            let result = self.exec(request, &info).await;
            self.post(&result, &info).await?;
            let response = result?;
            match response.status().as_u16() {
                200..=299 => Ok(ResponseValue::stream(response)),
                _ => Err(Error::UnexpectedResponse(response)),
            }
        }
        /**Sends a `PUT` request to `/v2/groups/{group_id}/policies`

*/
        pub async fn set_group_policies<'a, B: Into<reqwest::Body>>(
            &'a self,
            group_id: &'a ::uuid::Uuid,
            body: B,
        ) -> Result<ResponseValue<ByteStream>, Error<()>> {
            let url = format!(
                "{}/v2/groups/{}/policies", self.baseurl, encode_path(& group_id
                .to_string()),
            );
            let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
            header_map
                .append(
                    ::reqwest::header::HeaderName::from_static("api-version"),
                    ::reqwest::header::HeaderValue::from_static(Self::api_version()),
                );
            #[allow(unused_mut)]
            let mut request = self
                .client
                .put(url)
                .header(
                    ::reqwest::header::CONTENT_TYPE,
                    ::reqwest::header::HeaderValue::from_static(
                        "application/octet-stream",
                    ),
                )
                .body(body)
                .headers(header_map)
                .build()?;
            let info = OperationInfo {
                operation_id: "set_group_policies",
            };
            self.pre(&mut request, &info).await?;
            let result = self.exec(request, &info).await;
            self.post(&result, &info).await?;
            let response = result?;
            match response.status().as_u16() {
                200..=299 => Ok(ResponseValue::stream(response)),
                _ => Err(Error::UnexpectedResponse(response)),
            }
        }
        /**Sends a `PUT` request to `/v2/groups/{group_id}/subscription_admin_verified`

*/
        pub async fn set_subscription_admin_verified<'a, B: Into<reqwest::Body>>(
            &'a self,
            group_id: &'a ::uuid::Uuid,
            body: B,
        ) -> Result<ResponseValue<ByteStream>, Error<()>> {
            let url = format!(
                "{}/v2/groups/{}/subscription_admin_verified", self.baseurl,
                encode_path(& group_id.to_string()),
            );
            let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
            header_map
                .append(
                    ::reqwest::header::HeaderName::from_static("api-version"),
                    ::reqwest::header::HeaderValue::from_static(Self::api_version()),
                );
            #[allow(unused_mut)]
            let mut request = self
                .client
                .put(url)
                .header(
                    ::reqwest::header::CONTENT_TYPE,
                    ::reqwest::header::HeaderValue::from_static(
                        "application/octet-stream",
                    ),
                )
                .body(body)
                .headers(header_map)
                .build()?;
            let info = OperationInfo {
                operation_id: "set_subscription_admin_verified",
            };
            self.pre(&mut request, &info).await?;
            let result = self.exec(request, &info).await;
            self.post(&result, &info).await?;
            let response = result?;
            match response.status().as_u16() {
                200..=299 => Ok(ResponseValue::stream(response)),
                _ => Err(Error::UnexpectedResponse(response)),
            }
        }
        /**Sends a `GET` request to `/v2/preferences`

*/
        pub async fn get_identity_preferences<'a>(
            &'a self,
        ) -> Result<ResponseValue<ByteStream>, Error<()>> {
            let url = format!("{}/v2/preferences", self.baseurl,);
            let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
            header_map
                .append(
                    ::reqwest::header::HeaderName::from_static("api-version"),
                    ::reqwest::header::HeaderValue::from_static(Self::api_version()),
                );
            #[allow(unused_mut)]
            let mut request = self.client.get(url).headers(header_map).build()?;
            let info = OperationInfo {
                operation_id: "get_identity_preferences",
            };
            self.pre(&mut request, &info).await?;
            let result = self.exec(request, &info).await;
            self.post(&result, &info).await?;
            let response = result?;
            match response.status().as_u16() {
                200..=299 => Ok(ResponseValue::stream(response)),
                _ => Err(Error::UnexpectedResponse(response)),
            }
        }
        /**Sends a `PUT` request to `/v2/preferences`

*/
        pub async fn set_identity_preferences<'a, B: Into<reqwest::Body>>(
            &'a self,
            body: B,
        ) -> Result<ResponseValue<ByteStream>, Error<()>> {
            let url = format!("{}/v2/preferences", self.baseurl,);
            let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
            header_map
                .append(
                    ::reqwest::header::HeaderName::from_static("api-version"),
                    ::reqwest::header::HeaderValue::from_static(Self::api_version()),
                );
            #[allow(unused_mut)]
            let mut request = self
                .client
                .put(url)
                .header(
                    ::reqwest::header::CONTENT_TYPE,
                    ::reqwest::header::HeaderValue::from_static(
                        "application/octet-stream",
                    ),
                )
                .body(body)
                .headers(header_map)
                .build()?;
            let info = OperationInfo {
                operation_id: "set_identity_preferences",
            };
            self.pre(&mut request, &info).await?;
            let result = self.exec(request, &info).await;
            self.post(&result, &info).await?;
            let response = result?;
            match response.status().as_u16() {
                200..=299 => Ok(ResponseValue::stream(response)),
                _ => Err(Error::UnexpectedResponse(response)),
            }
        }
        /**Sends a `GET` request to `/v2/subscription_info/{subscription_id}`

*/
        pub async fn get_group_by_subscription_id<'a>(
            &'a self,
            subscription_id: &'a ::uuid::Uuid,
        ) -> Result<ResponseValue<ByteStream>, Error<()>> {
            let url = format!(
                "{}/v2/subscription_info/{}", self.baseurl, encode_path(& subscription_id
                .to_string()),
            );
            let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
            header_map
                .append(
                    ::reqwest::header::HeaderName::from_static("api-version"),
                    ::reqwest::header::HeaderValue::from_static(Self::api_version()),
                );
            #[allow(unused_mut)]
            let mut request = self.client.get(url).headers(header_map).build()?;
            let info = OperationInfo {
                operation_id: "get_group_by_subscription_id",
            };
            self.pre(&mut request, &info).await?;
            let result = self.exec(request, &info).await;
            self.post(&result, &info).await?;
            let response = result?;
            match response.status().as_u16() {
                200..=299 => Ok(ResponseValue::stream(response)),
                _ => Err(Error::UnexpectedResponse(response)),
            }
        }
    }
    /// Items consumers will typically use such as the Client.
    pub mod prelude {
        #[allow(unused_imports)]
        pub use super::Client;
    }
    crate::transport::impl_capture_hook!(Client);
}
