//! Constructors of requests from a cloud's own name of a network, such as an ARN: they are short, and do
//! not confuse an account with a network.

use crate::model::validation::{cidr, region_of_aws};
use crate::types::{
    AwsPeeringUpdate, Container, NewAwsPeering, NewAzurePeering, NewGcpPeering, NewPeering,
    Peering, PeeringUpdate,
};
use crate::{ContainerId, Error};

impl NewAwsPeering {
    /// A peering with a VPC by its ARN, which contains its account and its region as well.
    ///
    /// ```
    /// use atlas_peering::types::NewAwsPeering;
    ///
    /// let arn = "arn:aws:ec2:eu-west-1:123456789012:vpc/vpc-0123456789abcdef0";
    /// let request = NewAwsPeering::from_arn(arn, "10.0.0.0/24")?;
    /// assert_eq!(request.aws_account_id, "123456789012");
    /// assert_eq!(request.accepter_region_name.as_deref(), Some("eu-west-1"));
    /// # Ok::<(), atlas_peering::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// - The ARN is not that of a VPC ([`Error::is_input`]).
    pub fn from_arn(arn: &str, route_table_cidr_block: impl Into<String>) -> Result<Self, Error> {
        let (owner, vpc) = arn.split_once(":vpc/").unwrap_or_default();
        match owner.split(':').collect::<Vec<_>>()[..] {
            ["arn", _, "ec2", region, account] if !region.is_empty() => {
                Ok(Self::new(vpc, account, route_table_cidr_block).accepter_region_name(region))
            }
            _ => {
                let remedy = "use arn:aws:ec2:REGION:ACCOUNT:vpc/VPC";
                Err(Error::input("ARN of the VPC", arn, remedy))
            }
        }
    }
}

impl NewAzurePeering {
    /// A peering with a virtual network by its resource id, which contains its subscription and its
    /// resource group as well. `directory` is the id of the Microsoft Entra directory (tenant): a UUID.
    ///
    /// ```
    /// use atlas_peering::types::NewAzurePeering;
    ///
    /// let request = NewAzurePeering::from_resource_id(
    ///     "6746ceedaef48d1cb265896b".parse()?,
    ///     "5b7a4a3e-90a6-4a0c-9a1b-3f1c6a7d2e11",
    ///     "/subscriptions/0d8f3c56-1c3e-4c6b-8a94-7d2f5b9e6a02/resourceGroups/network-rg\
    ///      /providers/Microsoft.Network/virtualNetworks/app-vnet",
    /// )?;
    /// assert_eq!(request.resource_group_name, "network-rg");
    /// # Ok::<(), atlas_peering::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// - The resource id is not that of a virtual network ([`Error::is_input`]).
    pub fn from_resource_id(
        container: ContainerId,
        directory: impl Into<String>,
        resource_id: &str,
    ) -> Result<Self, Error> {
        // Azure's own segments are case-insensitive; an empty segment here stands for a name.
        let form = "subscriptions//resourceGroups//providers/Microsoft.Network/virtualNetworks/";
        let path = resource_id.strip_prefix('/').unwrap_or_default();
        let parts: Vec<_> = path.split('/').collect();
        let fits = |(segment, part): (&str, &&str)| match segment {
            "" => !part.is_empty(),
            _ => part.eq_ignore_ascii_case(segment),
        };
        if parts.len() != 8 || !form.split('/').zip(&parts).all(fits) {
            let what = "id of the virtual network";
            let remedy = "use /subscriptions/…/resourceGroups/…/providers/Microsoft.Network/virtualNetworks/…";
            return Err(Error::input(what, resource_id, remedy));
        }
        Ok(Self::new(
            directory, parts[1], container, parts[3], parts[7],
        ))
    }
}

impl NewGcpPeering {
    /// A peering with a network by its self link on Google Cloud: a URL, or its end, such as
    /// `projects/my-project-1/global/networks/default`.
    ///
    /// ```
    /// use atlas_peering::types::NewGcpPeering;
    ///
    /// let request = NewGcpPeering::from_self_link(
    ///     "6746ceedaef48d1cb265896b".parse()?,
    ///     "projects/my-project-1/global/networks/default",
    /// )?;
    /// assert_eq!(request.network_name, "default");
    /// # Ok::<(), atlas_peering::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// - The link is not that of a network ([`Error::is_input`]).
    pub fn from_self_link(container: ContainerId, link: &str) -> Result<Self, Error> {
        match link.split('/').collect::<Vec<_>>()[..] {
            [.., "projects", project, "global", "networks", network]
                if !project.is_empty() && !network.is_empty() =>
            {
                Ok(Self::new(container, project, network))
            }
            _ => {
                let remedy = "use projects/PROJECT/global/networks/NETWORK";
                Err(Error::input("link of the network", link, remedy))
            }
        }
    }
}

impl NewPeering {
    /// Checks the request against its container.
    ///
    /// # Errors
    ///
    /// - The container is on another cloud ([`Error::is_input`]).
    /// - Its block overlaps that of the network ([`Error::is_input`]).
    pub fn check_with(&self, container: &Container) -> Result<(), Error> {
        let (own, of) = (self.provider(), container.provider());
        if own != of {
            let remedy =
                format!("it is on {of}, and the network on {own}: use a container on {own}");
            return Err(Error::input("containerId", container.id().as_str(), remedy));
        }
        if let (Self::Aws(request), Some(atlas)) = (self, container.atlas_cidr_block()) {
            cidr::apart(&request.route_table_cidr_block, atlas)?;
        }
        Ok(())
    }
}

impl PeeringUpdate {
    /// The update that restarts a failed peering on AWS: it has the same account and network. It repeats
    /// the block and the region too, so that they stay, however the service treats missing fields.
    ///
    /// ```
    /// # use atlas_peering::types::{Peering, PeeringUpdate};
    /// # let failed: Peering = serde_json::from_value(serde_json::json!({
    /// #     "id": "1112222b3bf99403840e8934", "vpcId": "vpc-1", "awsAccountId": "123456789012",
    /// #     "statusName": "FAILED", "errorStateName": "EXPIRED",
    /// # }))?;
    /// let change = PeeringUpdate::reinitialize(&failed)?;
    /// // atlas.update_peering_connection(&project, failed.id(), &change).await?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// - The peering is not on AWS: other clouds cannot restart one ([`Error::is_input`]).
    /// - The peering lacks its account or its network ([`Error::is_input`]).
    pub fn reinitialize(peering: &Peering) -> Result<Self, Error> {
        let refuse = |remedy| Err(Error::input("peering", peering.id().as_str(), remedy));
        let Peering::Aws(aws) = peering else {
            return refuse("only a peering on AWS can restart: delete it, and create it again");
        };
        let (Some(account), Some(vpc)) = (&aws.aws_account_id, &aws.vpc_id) else {
            return refuse("its awsAccountId or vpcId is missing: delete it, and create it again");
        };
        let (region, block) = (&aws.accepter_region_name, &aws.route_table_cidr_block);
        let mut update = AwsPeeringUpdate::new().aws_account_id(account).vpc_id(vpc);
        update.accepter_region_name = region.as_deref().map(region_of_aws);
        update.route_table_cidr_block.clone_from(block);
        Ok(Self::Aws(update))
    }
}
